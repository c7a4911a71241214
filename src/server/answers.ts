/** How the endpoints word that a receipt was taken. */
import type { FastifyReply } from "fastify";
import { countEvents, type Taken } from "../app/intake.ts";

export type Wording = (reply: FastifyReply, taken: Taken) => FastifyReply;

/** 202 with counts and ids. */
export const accepted: Wording = (reply, taken) => {
  return reply.code(202).send({
    ...countEvents(taken),
    events: taken.events.map(({ id, key }) => ({ id, key })),
    ...exceptions(taken),
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
    ...exceptions(taken),
  });
};

/** 200 with one line for people. */
export const line: Wording = (reply, taken) => {
  const { accepted: fresh, duplicates } = countEvents(taken);
  const parts = [
    `${fresh} accepted`,
    `${duplicates} known already`,
    `${taken.quarantined.length} put in quarantine`,
  ];
  return reply
    .code(200)
    .type("text/plain; charset=utf-8")
    .send(`${parts.join(", ")}\n`);
};

/** What is out of the ordinary is named; where there is none of it, so is nothing. */
function exceptions({ quarantined, empty }: Taken): object {
  return { ...(quarantined.length > 0 ? { quarantined } : {}), ...(empty ? { empty } : {}) };
}
