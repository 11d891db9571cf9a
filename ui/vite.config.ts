import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

// The window and the bridge serve `dist` under a policy without inline scripts: nothing here may emit one.
export default defineConfig({
  plugins: [react()],
  build: {
    target: "es2022",
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    sourcemap: false,
    // One file, embedded in the program: splitting would only add requests.
    chunkSizeWarningLimit: 1500,
  },
  test: {
    environment: "jsdom",
    setupFiles: ["./src/test/setup.ts"],
    include: ["src/**/*.test.{ts,tsx}"],
    restoreMocks: true,
    testTimeout: 20_000,
  },
});
