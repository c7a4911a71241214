/** What becomes of a message that was sent, when the status of its alert changes. */
import { describe, expect, it } from "vitest";
import type { DestinationDefinition, Message, Verdict } from "../destination.ts";
import { createRig, useClosing } from "./conformance-rig.ts";
import { alertWith, messageWith } from "./messages.ts";
import type { HttpSubject } from "./subject.ts";

/** More requests than any update takes. */
const MAX_REQUESTS = 10;

/** Declares the tests of a subject that speaks HTTP; of those that cannot change a message, none. */
export function describeUpdates(definition: DestinationDefinition, subject: HttpSubject): void {
  const closing = useClosing();
  /** How much more stands there for each update. */
  const each = subject.appends === true ? 1 : 0;
  /** A peer that has the first message, with the reference that it was given. */
  const start = async () => {
    const peer = closing(await subject.start());
    const rig = createRig(definition, peer, {}, closing);
    const send = async (message: Message) => (await rig.try(message)).verdict;
    const reference = referenceOf(await send(messageWith()));
    const isAble = definition.canUpdate(definition.config.parse(peer.settings));
    return { peer, send, reference, isAble };
  };
  const update = (sequence: number, status: "acknowledged" | "closed", memory: string | null) =>
    messageWith({
      kind: "update",
      key: `d_01JTFYX3M0_7~${sequence}`,
      alert: alertWith({ status }),
      memory,
    });

  if (!definition.defaults.statusUpdates) return;

  describe("when the status changes", () => {
    it("changes the message that there is, each time", async () => {
      const { peer, send, reference, isAble } = await start();
      // What cannot be changed has no name either.
      if (!isAble) return expect(reference).toBeNull();
      const first = await send(update(1, "acknowledged", reference));
      const second = await send(update(2, "closed", referenceOf(first) ?? reference));
      expect(second).toMatchObject({ kind: "delivered" });
      expect(await peer.kept()).toHaveLength(1 + 2 * each);
    });

    it("finds the message again where its reference was lost, if the peer can tell", async () => {
      const { peer, send, reference, isAble } = await start();
      if (!isAble) return expect(reference).toBeNull();
      expect(await send(update(1, "closed", null))).toMatchObject({ kind: "delivered" });
      const most = definition.repeat.kind === "recognised" ? 1 + each : 2;
      expect((await peer.kept()).length).toBeLessThanOrEqual(most);
    });

    it("changes it once more when an answer was lost, whichever it was", async () => {
      for (let step = 0; step < MAX_REQUESTS; step += 1) {
        const { peer, send, reference, isAble } = await start();
        if (!isAble) return expect(reference).toBeNull();
        peer.loseAnswer(step);
        const changed = update(1, "closed", reference);
        const verdict = await send(changed);
        if (verdict.kind === "delivered") return expect(step).toBeGreaterThan(0);
        expect(verdict).toMatchObject({ kind: "retry", reason: "reset" });
        expect(await send(changed)).toMatchObject({ kind: "delivered" });
        expect(await peer.kept()).toHaveLength(1 + each);
      }
      expect.unreachable("an update takes too many requests");
    });
  });
}

function referenceOf(verdict: Verdict): string | null {
  expect(verdict).toMatchObject({ kind: "delivered" });
  return verdict.kind === "delivered" ? (verdict.reference ?? null) : null;
}
