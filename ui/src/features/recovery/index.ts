export { RecoveryPage } from "./RecoveryPage";
