// Invented campaigns.
import type { CampaignDetails, CampaignLine, CampaignPreview } from "../bindings/api";

const now = (): string => new Date().toISOString();
const inHours = (hours: number): string => new Date(Date.now() + hours * 3_600_000).toISOString();

export const campaignLine = (change: Partial<CampaignLine> = {}): CampaignLine => ({
  name: "Incident",
  why: "the authority revokes what it issued",
  state: "draft",
  note: null,
  deadline: inHours(120),
  createdBy: "susi@desk",
  createdAt: now(),
  startedAt: null,
  selected: 1_000,
  wave: 0,
  waves: 0,
  ...change,
});

export const campaignDetails = (change: Partial<CampaignDetails> = {}): CampaignDetails => ({
  at: now(),
  campaign: campaignLine({ state: "running", wave: 2, waves: 9, startedAt: inHours(-2) }),
  total: 1_000,
  stages: [
    { stage: "waiting", count: 699 },
    { stage: "readBack", count: 300 },
    { stage: "failed", count: 1 },
  ],
  hours: [
    { from: inHours(-2), ordered: 200, present: 100, revoked: 0 },
    { from: inHours(-1), ordered: 200, present: 200, revoked: 0 },
  ],
  perHour: 150,
  forecast: inHours(200),
  inTime: false,
  keeping: 700,
  failed: [
    {
      certificate: "certificate-7",
      serial: "0aff",
      mail: "susi@contoso.example",
      why: "has no licence with Intune",
    },
  ],
  ...change,
});

export const campaignPreview = (change: Partial<CampaignPreview> = {}): CampaignPreview => ({
  selected: 50,
  people: 48,
  mailboxes: 2,
  orders: 50,
  adopted: 0,
  waiting: 0,
  hindered: 0,
  hindrances: [],
  fromTheSame: 0,
  notArchived: 0,
  cost: "160.00 EUR",
  until: inHours(9),
  inTime: true,
  paceKnown: true,
  selection: "authority account `Public CA`",
  deadline: inHours(100),
  revokesAtDeadline: false,
  ...change,
});
