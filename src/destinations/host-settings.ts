/** Settings of peers that are reached by a host and a port. */
import { z } from "zod";

/** The name or the address of a host, IPv6 without brackets. */
export function hostSetting() {
  return z
    .string()
    .regex(/^[a-z0-9]([a-z0-9.:-]{0,251}[a-z0-9])?$/i, "not a host name or an address");
}

/** A port that has a default of the kind. */
export function portSetting() {
  return z.number().int().min(1).max(65_535).optional();
}
