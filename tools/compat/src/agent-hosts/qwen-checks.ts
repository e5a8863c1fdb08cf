import type { Check } from "../check/check-all.ts";
import { acpChecks, acpCli, asksAnthropic } from "./acp-checks.ts";

/** The real Qwen Code as an agent of a host. */
export const qwenChecks: readonly Check[] = acpChecks(
  { ...asksAnthropic, ...acpCli("qwen") },
  { denial: "A person denied it: not today", program: /qwen\S* --acp/ },
  [],
);
