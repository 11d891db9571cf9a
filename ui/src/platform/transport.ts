/** Carries one command to the program and brings its answer, or throws a `Failure`. */
export type Transport = (name: string, payload: unknown, signal?: AbortSignal) => Promise<unknown>;
