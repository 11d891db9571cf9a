// The four states of whatever is read from the program: loading, error, empty, data.
import {
  Button,
  MessageBar,
  MessageBarActions,
  MessageBarBody,
  makeStyles,
  tokens,
} from "@fluentui/react-components";
import type { UseQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useMessages } from "../messages";
import type { Failure } from "../platform";
import { ErrorState } from "./ErrorState";
import { useTimeFormat } from "./time";

type Asked<Data> = Pick<UseQueryResult<Data, Failure>, "data" | "error" | "isError" | "dataUpdatedAt"> & {
  refetch: () => unknown;
};

interface Props<Data> {
  of: Asked<Data>;
  skeleton: ReactNode;
  /** What to show instead of the data when there is none; `null` when there is. */
  empty?: (data: Data) => ReactNode | null;
  children: (data: Data) => ReactNode;
}

const useStyles = makeStyles({
  stale: { marginBottom: tokens.spacingVerticalM, flexShrink: 0 },
});

export function QueryState<Data>({ of, skeleton, empty, children }: Props<Data>) {
  const styles = useStyles();
  const m = useMessages();
  const format = useTimeFormat();
  const retry = () => void of.refetch();

  if (of.data === undefined) {
    if (of.isError && of.error) return <ErrorState failure={of.error} onRetry={retry} />;
    return (
      <div aria-busy="true" role="status" aria-label={m.state.loading}>
        {skeleton}
      </div>
    );
  }
  return (
    <>
      {of.isError && of.error && (
        <MessageBar intent="warning" className={styles.stale}>
          <MessageBarBody>
            {m.state.stale(format.clock(new Date(of.dataUpdatedAt).toISOString()))}{" "}
            {m.failures[of.error.code] ?? of.error.code}: {of.error.message}
          </MessageBarBody>
          <MessageBarActions>
            <Button size="small" onClick={retry}>
              {m.state.retry}
            </Button>
          </MessageBarActions>
        </MessageBar>
      )}
      {empty?.(of.data) ?? children(of.data)}
    </>
  );
}
