/** How the endpoints word that a receipt was taken. */
import type { FastifyReply } from "fastify";
import type { Taken } from "../app/intake.ts";

export type Wording = (reply: FastifyReply, taken: Taken) => FastifyReply;

/** 202 with counts and ids. */
export const accepted: Wording = (reply, taken) => {
  const duplicates = taken.events.filter(({ duplicate }) => duplicate).length;
  return reply.code(202).send({
    accepted: taken.events.length - duplicates,
    duplicates,
    events: taken.events.map(({ id, key }) => ({ id, key })),
    ...(taken.quarantined.length > 0 ? { quarantined: taken.quarantined } : {}),
    ...(taken.empty ? { empty: taken.empty } : {}),
  });
};

/** 200 with `message_ids` and what was skipped, as senders of these webhooks know it. */
export const success: Wording = (reply, taken) => {
  const fresh = taken.events.filter(({ duplicate }) => !duplicate);
  return reply.code(200).send({
    status: "success",
    stream: taken.stream,
    sent: fresh.length,
    skipped: taken.events.length - fresh.length,
    message_ids: fresh.map(({ id }) => id),
    ...(taken.quarantined.length > 0 ? { quarantined: taken.quarantined } : {}),
    ...(taken.empty ? { empty: taken.empty } : {}),
  });
};

/** 200 with one line for people. */
export const line: Wording = (reply, taken) => {
  const duplicates = taken.events.filter(({ duplicate }) => duplicate).length;
  const parts = [
    `${taken.events.length - duplicates} accepted`,
    `${duplicates} known already`,
    `${taken.quarantined.length} put in quarantine`,
  ];
  return reply
    .code(200)
    .type("text/plain; charset=utf-8")
    .send(`${parts.join(", ")}\n`);
};
