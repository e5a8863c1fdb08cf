import { z } from "zod";
import type { Scalars } from "../container-config.ts";
import type { Field } from "./field.ts";
import { provider } from "../provider.ts";
import { scopes } from "../scope.ts";
import { line, shaped } from "./texts.ts";
import { timezone } from "./timezone.ts";

/** A number in these bounds. */
const between = (number: z.ZodNumber, least: number, most: number): z.ZodType<number> =>
  number.min(least, `is below ${least}`).max(most, `is above ${most}`);

const whole = (least: number, most: number): z.ZodType<number> => between(z.number().int(), least, most);

/**
 * Every single value of a configuration. A new one is a row here, its line in `Scalars`, and a column in a
 * migration of the host.
 */
export const scalarFields: { readonly [Name in keyof Scalars]: Field<Scalars[Name]> } = {
  provider: { check: provider, needs: "restart", file: "provider", agentsOwn: false, initial: null },
  model: {
    // Seen: claude-opus-4-5[1m], gpt-5.1-codex, openrouter/anthropic/claude-3.5-sonnet,
    // anthropic.claude-v2:1.
    check: shaped(
      /^[A-Za-z0-9][A-Za-z0-9._:/@+-]{0,127}(?:\[[a-z0-9]{1,8}\])?$/,
      "a model's name, such as claude-sonnet-4-5",
    ),
    needs: "restart",
    file: "model",
    agentsOwn: true,
    initial: null,
  },
  effort: {
    check: shaped(/^[a-z][a-z0-9_-]{0,31}$/, "an effort level, such as low, medium or high"),
    needs: "restart",
    file: "effort",
    agentsOwn: true,
    initial: null,
  },
  image_tag: {
    check: shaped(
      /^[a-zA-Z0-9][a-zA-Z0-9._:/@-]{0,254}$/,
      "an image's name, such as registry.example/agent:1.2",
    ),
    needs: "restart",
    file: "imageTag",
    agentsOwn: false,
    initial: null,
  },
  assistant_name: {
    check: line(100),
    needs: "restart",
    file: "assistantName",
    agentsOwn: true,
    initial: null,
  },
  max_messages_per_prompt: {
    check: whole(1, 1_000),
    needs: "restart",
    file: "maxMessagesPerPrompt",
    agentsOwn: true,
    initial: null,
  },
  timezone: { check: timezone, needs: "restart", file: "timezone", agentsOwn: true, initial: null },
  cpus: {
    check: between(z.number(), 0.01, 1_024),
    needs: "restart",
    file: "cpus",
    agentsOwn: false,
    initial: null,
  },
  memory_mb: {
    check: whole(16, 16_777_216),
    needs: "restart",
    file: "memoryMb",
    agentsOwn: false,
    initial: null,
  },
  pids: { check: whole(8, 4_194_304), needs: "restart", file: "pids", agentsOwn: false, initial: null },
  // Only the host enforces it, at every call. Containers do not get it.
  cli_scope: {
    check: z.enum(scopes, `is not one of ${scopes.join(", ")}`),
    needs: "now",
    file: null,
    agentsOwn: false,
    initial: "group",
  },
};
