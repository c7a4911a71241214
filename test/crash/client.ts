/** A sender that never gives up: what was not acknowledged is sent again, under the same id. */
import { setTimeout as pause } from "node:timers/promises";

export class StubbornClient {
  readonly acknowledged = new Set<string>();
  readonly #url: string;
  readonly #key: string;
  #next = 0;
  #stopping = false;
  #workers: Promise<void>[] = [];

  constructor(url: string, key: string) {
    this.#url = url;
    this.#key = key;
  }

  start(workers: number): void {
    this.#workers = Array.from({ length: workers }, () => this.#work());
  }

  /** Takes no new alerts and waits until the last ones are acknowledged. */
  async finish(): Promise<void> {
    this.#stopping = true;
    await Promise.all(this.#workers);
  }

  async #work(): Promise<void> {
    while (!this.#stopping) {
      const id = `alert-${(this.#next += 1)}`;
      await this.#sendUntilTaken(id);
    }
  }

  async #sendUntilTaken(id: string): Promise<void> {
    while (!this.acknowledged.has(id)) {
      if (await this.#send(id)) this.acknowledged.add(id);
      // A server that is down refuses at once; trying without a pause would only heat the machine.
      else await pause(10);
    }
  }

  async #send(id: string): Promise<boolean> {
    try {
      const response = await fetch(`${this.#url}/v1/ingest/in`, {
        method: "POST",
        headers: { authorization: `Bearer ${this.#key}`, "content-type": "application/json" },
        body: JSON.stringify({
          id,
          title: `Alert ${id}`,
          severity: "high",
          host: { name: "web-01" },
        }),
        signal: AbortSignal.timeout(10_000),
      });
      await response.arrayBuffer();
      return response.status === 202;
    } catch {
      return false;
    }
  }
}
