/**
 * Every kind of destination against everything a peer can do wrong, and against every message that there
 * can be. Kinds are taken from the registry, and what the suite needs of each from its own folder
 * (`testing/subject.ts`): a kind that does not bring it fails.
 */
import { describe, expect, it } from "vitest";
import { kibanaStatus } from "./kibana-status/index.ts";
import type { DestinationDefinition } from "./destination.ts";
import { destinations } from "./index.ts";
import { describeHttp } from "./testing/conformance-http.ts";
import { describeMessages } from "./testing/conformance-messages.ts";
import { describeSockets } from "./testing/conformance-sockets.ts";
import { describeUpdates } from "./testing/conformance-updates.ts";
import type { Subject } from "./testing/subject.ts";

// The program's own: it stands in no configuration and has neither limits nor templates.
const OWN = {
  ...kibanaStatus,
  repeat: { kind: "recognised", by: "status", retry: "Sets the same status again." },
  limits: [],
} as unknown as DestinationDefinition;

const SUBJECTS: readonly (readonly [DestinationDefinition, readonly Subject[]])[] =
  await Promise.all(
    [...destinations, OWN].map(async (definition) => {
      const module = (await import(`./${definition.kind}/testing/subject.ts`)) as {
        readonly subjects: readonly Subject[];
      };
      return [definition as DestinationDefinition, module.subjects] as const;
    }),
  );

for (const [definition, subjects] of SUBJECTS)
  describe(definition.kind, () => {
    it("says what it does with a repeat, and where its limits come from", () => {
      expect(subjects.length).toBeGreaterThan(0);
      expect(definition.repeat.retry).toMatch(/^[A-Z].*\.$/);
      expect(definition.repeat.kind === "shown").toBe(definition.repeat.by === null);
      const names = definition.limits.map(({ of }) => of);
      expect(new Set(names).size).toBe(names.length);
    });

    for (const subject of subjects) {
      const missing = subject.transport === "socket" ? subject.unavailable : null;
      const name = missing ? `${subject.name}: ${missing}` : subject.name;
      // What CI can install must be there.
      describe.skipIf(missing && !process.env["CI"])(name, () => {
        describeMessages(definition, subject);
        if (subject.transport === "http") {
          describeHttp(definition, subject);
          describeUpdates(definition, subject);
        }
        if (subject.transport === "socket") describeSockets(definition, subject);
      });
    }
  });
