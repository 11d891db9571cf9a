// Everything a page relies on, from the outside in.
import { type QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { MessagesProvider } from "./messages";
import { Routes } from "./routes";
import { NotifyProvider } from "./shared/notify";
import { ThemeProvider } from "./shared/theme";

export function Console({ queries }: { queries: QueryClient }) {
  return (
    <QueryClientProvider client={queries}>
      <MessagesProvider>
        <ThemeProvider>
          <NotifyProvider>
            <Routes />
          </NotifyProvider>
        </ThemeProvider>
      </MessagesProvider>
    </QueryClientProvider>
  );
}
