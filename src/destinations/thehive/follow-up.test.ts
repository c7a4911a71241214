import { describe, expect, it } from "vitest";
import { aDigest, alertWith, caseWith, messageWith } from "../testing/messages.ts";
import { calls, scene, sentBy } from "./testing/scene.ts";

describe("a repeat", () => {
  it.each(["4.1.24-1", "5.7.3"])("is recognised by %s, and changes the alert", async (version) => {
    const { fake, send } = await scene({ version });
    await send(messageWith());
    const again = messageWith({ alert: alertWith({ severity: "critical", title: "Worse" }) });
    expect((await send(again)).verdict).toEqual({ kind: "delivered", reference: "~40964096" });
    expect(fake.alerts).toHaveLength(1);
    expect(fake.alerts[0]?.alert).toMatchObject({ title: "Worse", severity: 4 });
    expect(calls(fake).slice(-2)[0]).toBe("POST /api/v1/query");
  });

  it("waits where TheHive has the alert and its index does not know it yet", async () => {
    const { fake, send } = await scene({ lag: 1 });
    await send(messageWith());
    expect((await send(messageWith())).verdict).toMatchObject({ kind: "retry", alone: true });
    expect((await send(messageWith())).verdict.kind).toBe("delivered");
    expect(fake.alerts).toHaveLength(1);
  });
});

describe("an update", () => {
  const closed = () =>
    messageWith({
      kind: "update",
      memory: "~40964096",
      alert: alertWith({ status: "closed", tags: ["new"] }),
    });

  it("changes the alert of its reference in one request at 5, and keeps what analysts tagged", async () => {
    const { fake, send } = await scene();
    await send(messageWith());
    Object.assign(fake.alerts[0]!.alert, { tags: ["ssh", "mine"] });
    expect((await send(closed())).verdict).toEqual({ kind: "delivered", reference: "~40964096" });
    expect(calls(fake).at(-1)).toBe("PATCH /api/v1/alert/~40964096");
    expect(fake.alerts[0]?.alert["tags"]).toEqual(["ssh", "mine", "tocsin:closed", "new"]);
  });

  it("keeps what analysts tagged at 4, which replaces tags", async () => {
    const { fake, send } = await scene({ version: "4.1.24-1" });
    await send(messageWith());
    Object.assign(fake.alerts[0]!.alert, { tags: ["mine", "tocsin:acknowledged"] });
    await send(closed());
    expect(fake.alerts[0]?.alert["tags"]).toEqual(["mine", "tocsin:closed", "new"]);
  });

  it("takes the tag of the status away when the alert is open again", async () => {
    const { fake, send } = await scene();
    await send(messageWith());
    await send(closed());
    await send(messageWith({ kind: "update", memory: "~40964096" }));
    expect(fake.alerts[0]?.alert["tags"]).not.toContain("tocsin:closed");
  });

  it("finds the alert by its key where the reference is lost, deleted or no id", async () => {
    for (const memory of [null, "~77", "../../user"]) {
      const { fake, send } = await scene();
      await send(messageWith());
      expect((await send({ ...closed(), memory })).verdict.kind).toBe("delivered");
      expect(fake.alerts).toHaveLength(1);
      expect(fake.alerts[0]?.writes).toHaveLength(2);
      expect(calls(fake).join()).not.toContain("user");
    }
  });

  it("creates the alert where TheHive does not have it", async () => {
    const { fake, send } = await scene();
    expect((await send(closed())).verdict).toEqual({ kind: "delivered", reference: "~40964096" });
    expect(fake.alerts[0]?.alert["tags"]).toEqual(["tocsin:closed", "new"]);
  });

  it("sets the status of TheHive only where one is configured, and none of what is in a case", async () => {
    const statuses = { closed: "Ignored" };
    const { fake, send } = await scene({}, { statuses, case: "merge" });
    await send(messageWith());
    await send(closed());
    expect(fake.alerts[0]?.alert["status"]).toBe("Ignored");
    await send(messageWith({ alert: alertWith({ key: "two" }), case: caseWith(), thread: "case" }));
    await send({
      ...closed(),
      memory: "~40968192",
      alert: alertWith({ key: "two", status: "closed" }),
    });
    expect(fake.alerts[1]?.alert).not.toHaveProperty("status");
    expect(fake.alerts[1]?.alert["tags"]).toContain("tocsin:closed");
  });

  it.each(["4.1.24-1", "5.7.3"])("is taken by %s as a reminder is", async (version) => {
    const { fake, send } = await scene({ version });
    const first = await send(messageWith());
    const memory = first.verdict.kind === "delivered" ? first.verdict.reference! : null;
    for (const kind of ["update", "reminder"] as const)
      expect((await send(messageWith({ kind, memory }))).verdict).toEqual(first.verdict);
    expect(fake.alerts.map(({ writes }) => writes.length)).toEqual([3]);
  });

  it("does without the status where TheHive refuses it", async () => {
    const { fake, send } = await scene(
      { refusesStatus: true },
      { statuses: { closed: "Ignored" } },
    );
    await send(messageWith());
    expect((await send(closed())).verdict.kind).toBe("delivered");
    expect(fake.alerts[0]?.alert["tags"]).toContain("tocsin:closed");
  });
});

describe("a digest", () => {
  const digest = aDigest({
    alerts: [
      alertWith({ tlp: "green" }),
      alertWith({
        number: "ALR-000124",
        tlp: "amber+strict",
        artifacts: [{ type: "ip", value: "198.51.100.9", role: "source", field: "f" }],
      }),
    ],
  });

  it("is one alert with all observables, the strictest TLP and a key of its own", async () => {
    const { fake, send } = await scene();
    const { verdict } = await send(messageWith({ digest }));
    expect(verdict).toEqual({ kind: "delivered", reference: "digest:~40964096" });
    const body = sentBy(fake);
    expect(body).toMatchObject({ sourceRef: "d_01JTFYX3M0_7", tlp: 3 });
    expect(body.title).toBe("2 alerts · grouped by route soc");
    expect(body.description).toContain("ALR-000124");
    expect((body["observables"] as { data: string }[]).map(({ data }) => data)).toContain(
      "198.51.100.9",
    );
  });

  it("is changed by an update of its own", async () => {
    const { fake, send } = await scene();
    await send(messageWith({ digest }));
    const change = { kind: "update", digest, key: "d_2", memory: "digest:~40964096" } as const;
    expect((await send(messageWith(change))).verdict).toMatchObject({
      reference: "digest:~40964096",
    });
    expect(fake.alerts.map(({ writes }) => writes.length)).toEqual([2]);
  });

  it("is not written over by an update of one of its alerts", async () => {
    const { fake, send } = await scene();
    const { verdict } = await send(messageWith({ digest }));
    const memory = verdict.kind === "delivered" ? verdict.reference! : null;
    await send(messageWith({ kind: "update", memory }));
    expect(fake.alerts.map(({ alert }) => alert["title"])).toEqual([
      "2 alerts · grouped by route soc",
      "Brute force on web-1",
    ]);
  });
});

describe("a case", () => {
  const inCase = (key: string, memory: string | null = null) =>
    messageWith({
      alert: alertWith({ key }),
      case: caseWith(),
      thread: "case CASE-000012",
      memory,
    });

  it.each(["4.1.24-1", "5.7.3"])(
    "is made at %s of its first alert, and takes the others",
    async (version) => {
      const { fake, send } = await scene({ version }, { case: "merge" });
      const { verdict } = await send(inCase("one"));
      expect(verdict).toEqual({ kind: "delivered", reference: "~40964096", remember: "~81928232" });
      const second = await send(inCase("two", "~81928232"));
      expect(second.verdict).toMatchObject({ remember: "~81928232" });
      expect(fake.cases).toEqual([{ id: "~81928232", title: "Brute force on web-1" }]);
      expect(fake.alerts.map(({ caseId }) => caseId)).toEqual(["~81928232", "~81928232"]);
      expect(sentBy(fake).tags[0]).toBe("tocsin:CASE-000012");
    },
  );

  it.each([
    ["4.1.24-1", 2],
    ["4.1.24-1", 3],
    ["5.7.3", 1],
    ["5.7.3", 2],
  ])("is made once at %s though the answer of request %i was lost", async (version, step) => {
    const { fake, send } = await scene({ version }, { case: "merge" });
    fake.loseAnswer(step);
    expect((await send(inCase("one"))).verdict.kind).toBe("retry");
    expect((await send(inCase("one"))).verdict).toMatchObject({ remember: "~81928232" });
    expect(fake.cases).toHaveLength(1);
    expect(fake.alerts).toHaveLength(1);
  });

  it("takes an alert once though the answer of the merge was lost", async () => {
    const { fake, send } = await scene({}, { case: "merge" });
    await send(inCase("one"));
    fake.loseAnswer(1);
    expect((await send(inCase("two", "~81928232"))).verdict.kind).toBe("retry");
    expect((await send(inCase("two", "~81928232"))).verdict).toMatchObject({
      remember: "~81928232",
    });
    expect(fake.cases).toHaveLength(1);
  });

  it("is made again where it was deleted", async () => {
    const { fake, send } = await scene({}, { case: "merge" });
    expect((await send(inCase("one", "~99"))).verdict).toMatchObject({ remember: "~81928232" });
    expect(fake.cases).toHaveLength(1);
  });

  it("is the one that an analyst put the alert into meanwhile", async () => {
    const { fake, send } = await scene({}, { case: "merge" });
    await send(inCase("one"));
    await send(messageWith({ alert: alertWith({ key: "two" }) }));
    fake.alerts[1] = { ...fake.alerts[1]!, caseId: "~555" };
    expect((await send(inCase("two", "~81928232"))).verdict).toMatchObject({ remember: "~555" });
  });

  it("is not made when not asked for, for updates, or out of order", async () => {
    const { fake, send } = await scene();
    await send(inCase("one"));
    const merging = await scene({}, { case: "merge" });
    await merging.send({ ...inCase("one"), thread: null });
    await merging.send({ ...inCase("one"), kind: "update" });
    expect([...fake.cases, ...merging.fake.cases]).toEqual([]);
  });

  it("needs a permission of its own, and says which", async () => {
    const { send } = await scene({ forbidden: /\/case$/ }, { case: "merge" });
    const { verdict } = await send(inCase("one"));
    expect(verdict).toMatchObject({ kind: "reject", reason: "unauthorized" });
    expect(verdict).toHaveProperty("error", expect.stringContaining("manageAlert/import"));
  });
});
