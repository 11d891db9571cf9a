// What is going on, what would be done next, and campaigns: views under one address.
import { useParams } from "../../shared/address";
import { CampaignsView } from "./CampaignsView";
import { EnrollmentsView } from "./EnrollmentsView";
import { PlanView } from "./PlanView";

export function ActivityPage() {
  const [params] = useParams();
  switch (params.get("view")) {
    case "plan":
      return <PlanView />;
    case "campaigns":
      return <CampaignsView name={params.get("campaign")} />;
    default:
      return <EnrollmentsView />;
  }
}
