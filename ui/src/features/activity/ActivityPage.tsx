// What is going on, and what would be done next: two views under one address.
import { useParams } from "../../shared/address";
import { EnrollmentsView } from "./EnrollmentsView";
import { PlanView } from "./PlanView";

export function ActivityPage() {
  const [params] = useParams();
  return params.get("view") === "plan" ? <PlanView /> : <EnrollmentsView />;
}
