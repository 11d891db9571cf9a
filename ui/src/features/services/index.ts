export { ServicesPage } from "./ServicesPage";
