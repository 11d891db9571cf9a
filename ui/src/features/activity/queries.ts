import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import type { Activity } from "../../bindings/api";
import { call } from "../../platform";
import { LIVE_PAGES } from "../../shared/queries";

const BUSY = 2_000;
const IDLE = 10_000;

const underWay = (activity: Activity | undefined): number =>
  activity?.atStation.reduce((sum, count) => sum + count, 0) ?? 0;

/** Enrollments, last moved first; asked for often while something moves. */
export const activityQuery = (state: string | null) =>
  infiniteQueryOptions({
    queryKey: ["activity", state] as const,
    queryFn: ({ pageParam, signal }) => call("activity", { state, after: pageParam }, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    refetchInterval: ({ state: { data } }) => {
      const pages = data?.pages ?? [];
      if (pages.length > LIVE_PAGES) return false;
      return underWay(pages[0]) > 0 ? BUSY : IDLE;
    },
  });

export const enrollmentQuery = (id: string) =>
  queryOptions({
    queryKey: ["enrollment", id] as const,
    queryFn: ({ signal }) => call("enrollment_details", { id }, signal),
    refetchInterval: ({ state: { data } }) =>
      data?.line.state === "running" || data?.line.state === "waiting" ? BUSY : IDLE,
  });

/** What the next cycle would do: decided anew by a press of the button, and now and then. */
export const forecastQuery = queryOptions({
  queryKey: ["forecast"] as const,
  queryFn: ({ signal }) => call("plan_forecast", {}, signal),
  refetchInterval: 60_000,
});

export const campaignsQuery = queryOptions({
  queryKey: ["campaigns"] as const,
  queryFn: ({ signal }) => call("campaigns", {}, signal),
  refetchInterval: IDLE,
});

export const campaignQuery = (name: string) =>
  queryOptions({
    queryKey: ["campaign", name] as const,
    queryFn: ({ signal }) => call("campaign_details", { name }, signal),
    refetchInterval: ({ state: { data } }) => (data?.campaign.state === "running" ? BUSY : IDLE),
  });

/** What a campaign would do, looked at when its start is asked for. */
export const previewQuery = (name: string) =>
  queryOptions({
    queryKey: ["campaign-preview", name] as const,
    queryFn: ({ signal }) => call("preview_campaign", { name }, signal),
    staleTime: 30_000,
  });
