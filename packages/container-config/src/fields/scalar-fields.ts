import { z } from "zod";
import type { Scalars } from "../container-config.ts";
import type { Field } from "./field.ts";
import { networks } from "../network.ts";
import { provider } from "../provider.ts";
import { scopes } from "../scope.ts";
import { line, shaped } from "./texts.ts";
import { timezone } from "./timezone.ts";
import { toolPolicies } from "../tool-policy.ts";

/** A number in these bounds. */
const between = (number: z.ZodNumber, least: number, most: number): z.ZodType<number> =>
  number.min(least, `is below ${least}`).max(most, `is above ${most}`);

const whole = (least: number, most: number): z.ZodType<number> => between(z.number().int(), least, most);

/**
 * All single values of a configuration. To add one, add a row here, a line in `Scalars`, and a column in a
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
  // Only the host's gateway enforces the three limits, at every request. Containers do not get them.
  max_requests_per_day: {
    check: whole(1, 1_000_000_000),
    needs: "now",
    file: null,
    agentsOwn: false,
    initial: null,
  },
  max_tokens_per_day: {
    check: whole(1, 1_000_000_000_000),
    needs: "now",
    file: null,
    agentsOwn: false,
    initial: null,
  },
  max_cost_per_day: {
    check: between(z.number(), 0.000_001, 1_000_000_000),
    needs: "now",
    file: null,
    agentsOwn: false,
    initial: null,
  },
  // Only the host enforces it, at every call. Containers do not get it.
  cli_scope: {
    check: z.enum(scopes, `is not one of ${scopes.join(", ")}`),
    needs: "now",
    file: null,
    agentsOwn: false,
    initial: "group",
  },
  // Only the host enforces it, at every request.
  tools: {
    check: z.enum(toolPolicies, `is not one of ${toolPolicies.join(", ")}`),
    needs: "now",
    file: null,
    agentsOwn: false,
    initial: "ask",
  },
  // The engine enforces it, and the agent needs no file to see it.
  network: {
    check: z.enum(networks, `is not one of ${networks.join(", ")}`),
    needs: "restart",
    file: null,
    agentsOwn: false,
    initial: null,
  },
};
