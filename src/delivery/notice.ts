/** The operator alert that dead letters raise: one per destination until it delivers again. */
import type { DeliveryResult, Notice } from "../store/store.ts";

/** Identity of a destination's notice. */
export function deadLetterKey(destination: string): string {
  return `dead-letters:${destination}`;
}

/** Says which delivery died first and why. */
export function deadLetterNotice(result: DeliveryResult & { next: "dead" }): Notice {
  const { claim, attempt, reason, at } = result;
  return {
    source: "tocsin",
    key: deadLetterKey(claim.destination),
    body: {
      title: `Deliveries to ${claim.destination} end as dead letters`,
      description:
        "The destination refused a delivery or failed for longer than give_up_after. Mend the cause, " +
        `then replay what is dead: tocsin dead replay --destination ${claim.destination}`,
      reason: attempt?.error ?? reason,
      severity: "high",
      destination: claim.destination,
      first_alert: claim.alert.number,
      at: new Date(at).toISOString(),
    },
  };
}
