/** Everything that a peer of another protocol can do wrong, as far as the protocol lets one notice. */
import { expect, it } from "vitest";
import { readPem, type PeerTls } from "../../../test/peers/peer.ts";
import type { DestinationDefinition } from "../destination.ts";
import {
  BAD_CERTIFICATES,
  createRig,
  trusting,
  useClosing,
  type RigOptions,
} from "./conformance-rig.ts";
import { messageWith } from "./messages.ts";
import type { SocketFault, SocketSubject } from "./subject.ts";

/** For a peer that never says anything. */
const SHORT = 500;

/** Declares the tests of a subject that opens connections of its own. */
export function describeSockets(definition: DestinationDefinition, subject: SocketSubject): void {
  const closing = useClosing();
  const message = messageWith({ thread: "case 1" });
  const start = async (options: RigOptions = {}, tls?: PeerTls) => {
    const peer = closing(await subject.start(tls));
    return { peer, rig: createRig(definition, peer, options, closing) };
  };

  it.each(Object.entries(subject.faults) as [SocketFault, Record<string, unknown>][])(
    "comes to the right verdict at %s, and delivers afterwards",
    async (fault, wanted) => {
      const { peer, rig } = await start(fault === "slow" ? { timeout: SHORT } : {});
      await peer.misbehave(fault);
      const tried = await rig.try(message);
      expect(tried.verdict).toMatchObject(wanted);
      for (const secret of peer.secrets) expect(JSON.stringify(tried)).not.toContain(secret);
      await peer.misbehave(undefined);
      expect((await rig.try(message)).verdict).toMatchObject({ kind: "delivered" });
      const kept = await peer.kept();
      if (definition.repeat.kind === "recognised") expect(kept).toHaveLength(1);
      if (definition.repeat.kind !== "marked") return;
      expect(new Set(kept.map((each) => peer.keyOf?.(each))).size).toBe(1);
    },
  );

  it("delivers many at once", async () => {
    const { peer, rig } = await start();
    const messages = Array.from({ length: 20 }, (_, index) =>
      messageWith({ key: `d_many_${index}` }),
    );
    const tried = await Promise.all(messages.map((each) => rig.try(each)));
    expect(tried.map(({ verdict }) => verdict.kind)).toEqual(messages.map(() => "delivered"));
    await expect.poll(async () => (await peer.kept()).length).toBe(messages.length);
  });

  it("tries again later when its sending is stopped", async () => {
    const { rig } = await start();
    const { verdict } = await rig.try(message, AbortSignal.abort());
    expect(verdict).toMatchObject({ kind: "retry" });
  });

  it("sends nothing where the egress guard refuses", async () => {
    const egress = { allow: [], deny: ["localhost", "127.0.0.1"] };
    const { peer, rig } = await start({ egress });
    const { verdict } = await rig.try(message);
    expect(verdict).toMatchObject({ kind: "reject", reason: "egress_refused" });
    expect(await peer.kept()).toEqual([]);
  });

  if (!subject.tls) return;

  it.each(BAD_CERTIFICATES)(
    "sends nothing to a peer whose certificate %s",
    async (_why, name, ca) => {
      const tls = trusting(ca);
      const { peer, rig } = await start({ tls }, { name });
      expect((await rig.try(message)).verdict).toMatchObject({ kind: "retry", reason: "tls" });
      expect(await peer.kept()).toEqual([]);
    },
  );

  it("delivers to a peer whose certificate the given issuer vouches for", async () => {
    const { rig } = await start({ tls: { ca: readPem("localhost.crt") } }, { name: "localhost" });
    expect((await rig.try(message)).verdict).toMatchObject({ kind: "delivered" });
  });
}
