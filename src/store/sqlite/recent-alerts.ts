/**
 * Alerts that were written lately: most are sent at once, and need not be read back for it. They are
 * true of one version of the state; when somebody else has changed it, they are forgotten.
 */
import type { Alert } from "../../alert/schema.ts";

const MOST = 512;

export class RecentAlerts {
  readonly #alerts = new Map<number, Alert>();
  #version = -1;

  /** Says which version the state has; of another one nothing is remembered. */
  begin(version: number): void {
    if (version !== this.#version) this.#alerts.clear();
    this.#version = version;
  }

  /** Says that what was remembered since `begin` makes this version. */
  advance(version: number): void {
    this.#version = version;
  }

  get(position: number): Alert | undefined {
    return this.#alerts.get(position);
  }

  /** Remembers an alert; the oldest is forgotten when there are too many. */
  set(position: number, alert: Alert): void {
    this.#alerts.delete(position);
    this.#alerts.set(position, alert);
    if (this.#alerts.size <= MOST) return;
    const [oldest] = this.#alerts.keys();
    if (oldest !== undefined) this.#alerts.delete(oldest);
  }

  /** After a rollback nothing that was remembered is sure. */
  clear(): void {
    this.#alerts.clear();
  }
}
