/** The presets of `tocsin init --preset`. */
import type { Preset } from "./preset.ts";
import { supernaPreset } from "./superna.ts";

export const PRESETS: readonly Preset[] = [supernaPreset];
