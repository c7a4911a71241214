import { fastify, type FastifyInstance } from "fastify";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parseConfiguration, type Configuration } from "../app/configuration.ts";
import { registries } from "../app/registries.ts";
import type { Stream } from "../stream/stream.ts";
import { silentTelemetry } from "../telemetry/telemetry.ts";
import { Gate } from "./gate.ts";
import { registerIngest } from "./ingest.ts";

const CONFIGURATION = `
clusters: { lab: { url: "https://es.lab:9200" } }
sources:
  alerts: { kind: elastic-alerts, cluster: lab }
  actions: { kind: elastic-actions, cluster: lab }
  kibana: { kind: kibana }
`;

let app: FastifyInstance;
let appended: number;

beforeEach(() => {
  appended = 0;
  const { sources, limits } = configuration();
  const now = () => 0;
  const gate = new Gate({
    folder: "/",
    maxBacklog: 1,
    minFree: 0,
    retryAfter: 0,
    backlog: now,
    now,
  });
  app = fastify();
  registerIngest(app, {
    sources,
    limits,
    gate,
    now,
    stream,
    telemetry: silentTelemetry,
    rate: undefined,
    verify: (presented) =>
      presented === "good"
        ? { ok: true, key: { id: "k", name: "k", scopes: ["ingest"], sources: [] } }
        : { ok: false, reason: "unknown" },
    noteUse: () => undefined,
  });
});
afterEach(() => app.close());

/** Counts what would have been stored. */
const stream = {
  append: async () => {
    appended += 1;
    return { receipt: 1, entries: [] };
  },
} as unknown as Stream;

function configuration(): Configuration {
  const options = { text: CONFIGURATION, file: "tocsin.yaml", env: {}, registries, cwd: "/" };
  const read = parseConfiguration(options);
  return read.ok ? read.configuration : expect.unreachable(JSON.stringify(read.problems));
}

async function post(url: string, key?: string) {
  const headers = key === undefined ? {} : { authorization: `Bearer ${key}` };
  const answer = await app.inject({ method: "POST", url, headers, payload: "{}" });
  return { status: answer.statusCode, problem: answer.json() as Record<string, unknown> };
}

describe("a source that is read", () => {
  it.each(["/v1/ingest/alerts", "/v1/ingest/actions", "/v1/ingest/actions/t/good"])(
    "takes nothing at %s, and says why",
    async (url) => {
      const { status, problem } = await post(url, "good");
      expect(status).toBe(404);
      expect(problem).toMatchObject({
        code: "NOT_FOUND",
        message: expect.stringMatching(/^nothing is sent to the source "\w+": it is read$/),
        hint: expect.stringContaining("kind: kibana"),
      });
      expect(appended).toBe(0);
    },
  );

  it("tells what it is to nobody without a key", async () => {
    for (const key of [undefined, "bad"]) {
      const { status, problem } = await post("/v1/ingest/alerts", key);
      expect(status).toBe(401);
      expect(JSON.stringify(problem)).not.toContain("read");
    }
  });

  it("leaves those alone that are sent to", async () => {
    expect((await post("/v1/ingest/kibana", "good")).status).toBe(202);
    expect((await post("/v1/ingest/nothing", "good")).problem["message"]).toBe(
      'there is no source "nothing"',
    );
    expect(appended).toBe(1);
  });
});
