import { describe, expect, it } from "vitest";
import { THEHIVE_KEY } from "../../../test/peers/thehive.ts";
import { FAULTS } from "../../../test/peers/faults.ts";
import { alertWith, contextWith, hugeAlert, messageWith } from "../testing/messages.ts";
import { bodies, calls, scene, sentBy, tell } from "./testing/scene.ts";
import { thehive } from "./thehive.ts";

describe("which TheHive it is", () => {
  it("is asked once, and 5 is known by its first answer", async () => {
    const { fake, send } = await scene();
    await send(messageWith());
    await send(messageWith({ alert: alertWith({ key: "other" }) }));
    expect(calls(fake)).toEqual([
      "GET /api/v1/status/public",
      "POST /api/v1/alert",
      "POST /api/v1/alert",
    ]);
  });

  it("is 4 when only the old status is there", async () => {
    const { fake, send } = await scene({ version: "4.1.24-1" });
    await send(messageWith());
    expect(calls(fake)).toEqual([
      "GET /api/v1/status/public",
      "GET /api/status",
      "POST /api/alert",
    ]);
  });

  it.each([
    [4, "4.1.24-1", "POST /api/alert"],
    [5, "5.7.3", "POST /api/v1/alert"],
  ])("is not asked when %i is configured", async (version, real, call) => {
    const { fake, send } = await scene({ version: real }, { version });
    await send(messageWith());
    expect(calls(fake)).toEqual([call]);
  });

  it("is asked again after a failure, for it may come back as a newer one", async () => {
    const { fake, send } = await scene();
    await send(messageWith());
    fake.misbehave(FAULTS.unavailable);
    await send(messageWith());
    fake.misbehave(undefined);
    await send(messageWith());
    expect(calls(fake).filter((call) => call.startsWith("GET"))).toHaveLength(2);
  });

  it("is asked again after a while, for it may have been replaced when nothing was sent", async () => {
    const { fake, send, clock } = await scene();
    await send(messageWith());
    clock.now += 600_000;
    await send(messageWith());
    expect(calls(fake).filter((call) => call.startsWith("GET"))).toHaveLength(2);
  });

  it("is 4 also where a proxy forbids what 4 does not have", async () => {
    const { fake, send } = await scene({ version: "4.1.24-1" });
    fake.misbehave((_received, response) => {
      fake.misbehave(undefined);
      response.writeHead(403).end("forbidden");
    });
    expect((await send(messageWith())).verdict.kind).toBe("delivered");
    expect(calls(fake).at(-1)).toBe("POST /api/alert");
  });

  it("is not remembered from a page of somebody else", async () => {
    const { fake, send } = await scene();
    fake.misbehave((_received, response) => void response.end("<html>sign in</html>"));
    const { verdict } = await send(messageWith());
    expect(verdict).toMatchObject({ kind: "retry", reason: "unexpected_answer" });
    fake.misbehave(undefined);
    expect((await send(messageWith())).verdict.kind).toBe("delivered");
  });
});

describe("what TheHive refuses", () => {
  const attributes = (name: string) => ({
    type: "AttributeCheckingError",
    message: `[Invalid format for ${name}]`,
  });

  it.each([
    ["400 for a title of 513 characters", 400, attributes("title"), "rejected_by_peer", "title"],
    ["400 for a type of 33 characters", 400, attributes("type"), "rejected_by_peer", "type"],
    [
      "401",
      401,
      { type: "AuthenticationError", message: "no" },
      "unauthorized",
      "check the API key",
    ],
    [
      "402",
      402,
      { type: "MultiFactorCodeRequired", message: "code" },
      "unauthorized",
      "second factor",
    ],
    [
      "403",
      403,
      { type: "AuthorizationError", message: "no" },
      "unauthorized",
      "manageAlert/create",
    ],
    ["404 of a route", 404, { type: "NotFound", message: "" }, "not_found", "NotFound"],
    [
      "413 for any body",
      413,
      { type: "Unknown", message: "too large" },
      "rejected_by_peer",
      "takes less",
    ],
  ])("is rejected with its words: %s", async (_name, status, said, reason, words) => {
    const { fake, send } = await scene();
    fake.misbehave(tell(said, status), 1);
    const { verdict } = await send(messageWith());
    expect(verdict).toMatchObject({ kind: "reject", reason, status });
    expect(verdict).toHaveProperty("error", expect.stringContaining(words));
  });

  it.each([
    [
      "500 with an error of TheHive",
      tell({ type: "InternalError", message: "x" }, 500),
      "server_error",
    ],
    ["the page of a proxy", FAULTS.html_page, "server_error"],
    ["no answer in time", FAULTS.slow, "timeout"],
  ] as const)("is tried again: %s", async (_name, fault, reason) => {
    const { fake, send } = await scene({}, {}, fault === FAULTS.slow ? 300 : undefined);
    fake.misbehave(fault, 1);
    expect((await send(messageWith())).verdict).toMatchObject({ kind: "retry", reason });
  });

  it.each([500, 502])("is kept once when %i was said after it was stored", async (status) => {
    const { fake, send } = await scene();
    await send(messageWith({ alert: alertWith({ key: "before" }) }));
    fake.loseAnswer();
    await send(messageWith());
    fake.misbehave(tell({}, status));
    expect((await send(messageWith())).verdict.kind).toBe("retry");
    fake.misbehave(undefined);
    expect((await send(messageWith())).verdict.kind).toBe("delivered");
    expect(fake.alerts).toHaveLength(2);
  });

  it("is looked for after a 207: there it is delivered, else it is tried again, alone", async () => {
    const { fake, send } = await scene();
    const partly = { type: "MultiError", message: "partly", suberrors: [] };
    fake.misbehave((received, response) => {
      fake.misbehave(undefined);
      void tell(partly, 207)(received, response, undefined as never);
    }, 1);
    expect((await send(messageWith())).verdict).toMatchObject({
      kind: "retry",
      alone: true,
      status: 207,
    });
    await send(messageWith());
    fake.misbehave((received, response) => {
      fake.misbehave(undefined);
      void tell(partly, 207)(received, response, undefined as never);
    });
    expect((await send(messageWith())).verdict).toEqual({
      kind: "delivered",
      reference: "~40964096",
    });
  });

  it("is delivered without an unknown custom field, with the known ones, and says so", async () => {
    const custom_fields = { known: "yes", unknown: "no" };
    const { fake, send } = await scene({ customFields: ["known"] }, { custom_fields });
    expect((await send(messageWith())).verdict.kind).toBe("delivered");
    expect(sentBy(fake)["customFields"]).toEqual([{ name: "known", value: "yes", order: 0 }]);
    expect(sentBy(fake).tags).toContain("tocsin:left-out-customfield");
    expect(sentBy(fake).description).toContain("Left out: 1 custom field");
  });

  it.each(["4.1.24-1", "5.7.3"])(
    "goes to %s as other where it lost a type of observable",
    async (version) => {
      const { fake, send } = await scene({ version, unknownTypes: ["url"] });
      expect((await send(messageWith())).verdict.kind).toBe("delivered");
      const body = sentBy(fake);
      const list = (body["artifacts"] ?? body["observables"]) as {
        dataType: string;
        tags: string[];
      }[];
      expect(list.map(({ dataType }) => dataType)).toEqual(["ip", "other", "other"]);
      expect(list[1]?.tags).toContain("url");
      expect(body.tags).toContain("tocsin:left-out-datatype");
    },
  );

  it("has a value once, though two of its types were lost", async () => {
    const value = "web.corp.example";
    const artifacts = (["domain", "hostname"] as const).map((type) => {
      return { type, value, role: "related", field: "f" } as const;
    });
    const { fake, send } = await scene({ unknownTypes: ["domain", "fqdn"] });
    const alert = alertWith({ artifacts });
    expect((await send(messageWith({ alert }))).verdict.kind).toBe("delivered");
    expect(sentBy(fake)["observables"]).toEqual([
      expect.objectContaining({ dataType: "other", data: value, tags: ["domain", "fqdn"] }),
    ]);
    expect(sentBy(fake).tags).not.toContain("tocsin:left-out-observable");
  });

  it("keeps a custom field of a value without end", async () => {
    const custom_fields = { note: "{{ alert.description }}" };
    const { fake, send } = await scene({ customFields: ["note"] }, { custom_fields });
    const alert = alertWith({ description: "x".repeat(1_100_000) });
    expect((await send(messageWith({ alert }))).verdict.kind).toBe("delivered");
    expect(JSON.stringify(sentBy(fake)["customFields"])).toContain("characters more");
  });

  it("is delivered without observables where even other is unknown", async () => {
    const { fake, send } = await scene({ unknownTypes: ["url", "other"] });
    expect((await send(messageWith())).verdict.kind).toBe("delivered");
    expect(sentBy(fake)["observables"]).toEqual([expect.objectContaining({ dataType: "ip" })]);
    expect(sentBy(fake).tags).toContain("tocsin:left-out-observable");
  });

  it("comes to an end where TheHive never says which type it does not know", async () => {
    const { fake, send } = await scene();
    fake.misbehave(tell({ type: "NotFoundError", message: "ObservableType not found" }, 404), 1);
    expect((await send(messageWith())).verdict).toMatchObject({
      kind: "reject",
      reason: "not_found",
    });
    expect(fake.received.length).toBeLessThan(5);
  });

  it("is delivered without procedures where the techniques were not imported", async () => {
    const { fake, send } = await scene({ unknownTechniques: ["T1110.001"] });
    expect((await send(messageWith())).verdict.kind).toBe("delivered");
    expect(sentBy(fake)["procedures"]).toEqual([]);
    expect(sentBy(fake).tags).toContain("tocsin:left-out-procedure");
  });

  it("is sent again smaller after a 413", async () => {
    const { fake, send } = await scene({ maxBody: 300_000 });
    const alert = hugeAlert(900, 500);
    expect((await send(messageWith({ alert }))).verdict.kind).toBe("delivered");
    expect(bodies(fake)).toHaveLength(2);
    expect(fake.alerts[0]?.writes[0]?.bytes).toBeLessThan(256_000);
    expect(sentBy(fake).tags).toContain("tocsin:left-out-observable");
  });
});

describe("the settings", () => {
  it.each([
    [{ type: "a;b" }],
    [{ source: "x".repeat(33) }],
    [{ version: 6 }],
    [{ organisation: "a\r\nx-evil: 1" }],
    [{ api_key: "two words" }],
    [{ custom_fields: { ["x".repeat(65)]: "a" } }],
  ])("refuse %j", (wrong) => {
    const parsed = thehive.config.safeParse({
      url: "https://hive.lab",
      api_key: THEHIVE_KEY,
      ...wrong,
    });
    expect(parsed.success).toBe(false);
  });

  it("name the custom field whose template does not parse", () => {
    const settings = {
      url: "https://hive.lab",
      api_key: THEHIVE_KEY,
      custom_fields: { a: "{{ x" },
    };
    const config = thehive.config.parse(settings);
    expect(() => thehive.create(config, contextWith().context)).toThrow(
      expect.objectContaining({ component: "destination soc: custom_fields.a" }),
    );
  });
});
