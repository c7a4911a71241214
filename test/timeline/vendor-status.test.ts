/** Vendors that send one thing again as it changes: what they close is closed, and shown once. */
import { describe, it } from "vitest";
import { timeline, type Line } from "./timeline.ts";

const CONFIGURATION = `
sources:
  prometheus: { kind: alertmanager }
  azure: { kind: sentinel }
destinations: { soc: { kind: log, status_updates: true } }
routes: [{ name: all, to: [soc] }]
`;

const fires = (line: Line, at: string, status: string, startsAt = "2026-03-02T09:00:00Z") => {
  const alert = { status, labels: { alertname: "Down" }, startsAt, fingerprint: "f1" };
  line.given(at, { source: "prometheus", body: { version: "4", alerts: [alert] } });
};

const incident = (line: Line, at: string, status: string, etag: string, modified: string) => {
  const properties = {
    title: "Odd login",
    status,
    severity: "High",
    lastModifiedTimeUtc: modified,
  };
  const type = "Microsoft.SecurityInsights/incidents";
  const body = { name: "guid-1", type, etag, properties };
  line.given(at, { source: "azure", body });
};

const tells = (line: Line, at: string, title: string) => line.want(at, { to: "soc", title });
const updates = (line: Line, at: string, title: string) =>
  line.want(at, { to: "soc", title, kind: "update" });

describe("an alert of Alertmanager", () => {
  it("is told of once while it fires, and once when it is resolved", () =>
    timeline(CONFIGURATION, (line) => {
      fires(line, "0s", "firing");
      fires(line, "1m", "firing");
      fires(line, "2m", "resolved");
      fires(line, "3m", "resolved");
      tells(line, "0s", "Down");
      updates(line, "2m", "Down");
    }));

  it("is another one when it fires again", () =>
    timeline(CONFIGURATION, (line) => {
      fires(line, "0s", "firing");
      fires(line, "2m", "resolved");
      fires(line, "5m", "firing", "2026-03-02T09:05:00Z");
      tells(line, "0s", "Down");
      updates(line, "2m", "Down");
      tells(line, "5m", "Down");
    }));
});

describe("an incident of Sentinel", () => {
  it("is told of once, and again with each status that it gets, also when it is opened again", () =>
    timeline(CONFIGURATION, (line) => {
      incident(line, "0s", "New", "e1", "2026-03-02T09:00:00Z");
      incident(line, "1m", "New", "e1", "2026-03-02T09:00:00Z");
      incident(line, "2m", "Active", "e2", "2026-03-02T09:02:00Z");
      incident(line, "3m", "Closed", "e3", "2026-03-02T09:03:00Z");
      incident(line, "4m", "Active", "e4", "2026-03-02T09:04:00Z");
      tells(line, "0s", "Odd login");
      for (const at of ["2m", "3m", "4m"]) updates(line, at, "Odd login");
    }));
});
