// Doing something: one hook for every command that changes state.
import { type UseMutationResult, useMutation, useQueryClient } from "@tanstack/react-query";
import { useMessages } from "../messages";
import { type Answer, type CommandName, call, type Failure, type Request } from "../platform";
import { hintOf, messageOf } from "./ErrorState";
import { useNotify } from "./notify";
import { refreshShown } from "./queries";

interface Options<N extends CommandName, Context> {
  /** Whether a failure is shown where the command was given instead of as a note. */
  showsFailure?: boolean;
  /** The note after success; a warning when it says what is left to do. */
  done: (
    context: Context,
    answer: Answer<N>,
  ) => { title: string; link?: { label: string; href: string }; warning?: string | undefined };
}

/**
 * Runs `name` and tells how it went. Everything shown is read again afterwards, since a command may touch more than
 * the page it was given on.
 */
export function useCommand<N extends CommandName, Context>(
  name: N,
  { done, showsFailure = false }: Options<N, Context>,
): UseMutationResult<Answer<N>, Failure, { request: Request<N>; context: Context }> {
  const queries = useQueryClient();
  const notify = useNotify();
  const m = useMessages();
  return useMutation<Answer<N>, Failure, { request: Request<N>; context: Context }>({
    mutationFn: ({ request }) => call(name, request),
    onSuccess: (answer, { context }) => {
      const { title, link, warning } = done(context, answer);
      if (warning === undefined) notify("success", title, { link });
      else notify("warning", title, { link, body: warning });
      return refreshShown(queries);
    },
    onError: (failure) => {
      if (showsFailure) return;
      const title = m.failures[failure.code] ?? failure.code;
      const hint = hintOf(failure, m);
      notify("error", title, { body: hint ? `${messageOf(failure, m)} – ${hint}` : messageOf(failure, m) });
    },
  });
}
