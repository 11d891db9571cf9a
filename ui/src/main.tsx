import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { Console } from "./Console";
import { connect } from "./platform";
import { makeQueryClient } from "./shared/queries";

const root = document.getElementById("root");
if (root) {
  connect();
  createRoot(root).render(
    <StrictMode>
      <Console queries={makeQueryClient()} />
    </StrictMode>,
  );
}
