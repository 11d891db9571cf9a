export { TenantPage } from "./TenantPage";
