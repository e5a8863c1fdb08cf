import * as z from "zod";
import { keyAddressProblem } from "@gatehouse/std";
import type { Scalars } from "../container-config.ts";
import type { ScalarField } from "./field.ts";
import { provider } from "../provider.ts";
import { isolations, networks, scopes, toolPolicies } from "../choices.ts";
import { line, shaped } from "./texts.ts";
import { timezone } from "./timezone.ts";

/** One of a few values. */
const oneOf = <Value extends string>(values: readonly Value[]): z.ZodType<Value> =>
  z.enum(values, `is not one of ${values.join(", ")}`);

/** A number in these bounds. */
const between = (number: z.ZodNumber, least: number, most: number): z.ZodType<number> =>
  number.min(least, `is below ${least}`).max(most, `is above ${most}`);

const whole = (least: number, most: number): z.ZodType<number> => between(z.number().int(), least, most);

const imageHost = String.raw`[a-zA-Z0-9](?:[a-zA-Z0-9.-]*[a-zA-Z0-9])?(?::\d{1,5})?`;
const imagePart = String.raw`[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*`;

/**
 * An image's name that a registry could have: `HOST:PORT/NAME:TAG@sha256:DIGEST`, of which only the name is needed
 * (github.com/distribution/reference). It is no option, no path, and one word of a Containerfile.
 */
const image: z.ZodType<string> = shaped(
  new RegExp(
    String.raw`^(?=.{1,255}$)(?:${imageHost}/)?${imagePart}(?:/${imagePart})*(?::\w[\w.-]{0,127})?(?:@sha256:[\da-f]{64})?$`,
  ),
  "an image's name, such as registry.example/agent:1.2",
);

/** The vendor of models and the address that its requests go to: `anthropic=https://models.example`. */
const upstream: z.ZodType<string> = z
  .string()
  .max(2_048, "has more than 2048 characters")
  .superRefine((text, context) => {
    const [, url] = /^(?:anthropic|openai|google)=([!-~]+)$/.exec(text) ?? [];
    const problem =
      url === undefined ? "is not anthropic=URL, openai=URL or google=URL" : keyAddressProblem(url);
    if (problem !== null) context.addIssue(problem);
  });

/** All single values of a configuration. To add one, add its type to `Scalars`, and a row here. */
export const scalarFields: { readonly [Name in keyof Scalars]: ScalarField<Scalars[Name]> } = {
  provider: {
    check: provider,
    type: "string",
    help: "Which agent runs: claude, codex, gemini, ...",
    needs: "restart",
    file: "provider",
    agentsOwn: false,
    initial: null,
  },
  model: {
    // Seen: claude-opus-4-5[1m], gpt-5.1-codex, openrouter/anthropic/claude-3.5-sonnet,
    // anthropic.claude-v2:1.
    check: shaped(
      /^[A-Za-z0-9][A-Za-z0-9._:/@+-]{0,127}(?:\[[a-z0-9]{1,8}\])?$/,
      "a model's name, such as claude-sonnet-4-5",
    ),
    type: "string",
    help: "A model, by the provider's name for it.",
    needs: "restart",
    file: "model",
    agentsOwn: true,
    initial: null,
  },
  effort: {
    check: shaped(/^[a-z][a-z0-9_-]{0,31}$/, "an effort level, such as low, medium or high"),
    type: "string",
    help: "How hard it thinks: low, medium, high, ...",
    needs: "restart",
    file: "effort",
    agentsOwn: true,
    initial: null,
  },
  image_tag: {
    check: image,
    type: "string",
    help: "The image to run instead of the usual one, by its name in a registry or an engine.",
    needs: "restart",
    file: "imageTag",
    agentsOwn: false,
    initial: null,
  },
  assistant_name: {
    check: line(100),
    type: "string",
    help: "What the agent is called; else the group's name.",
    needs: "restart",
    file: "assistantName",
    agentsOwn: true,
    initial: null,
  },
  max_messages_per_prompt: {
    check: whole(1, 1_000),
    type: "integer",
    help: "Messages in one prompt.",
    needs: "restart",
    file: "maxMessagesPerPrompt",
    agentsOwn: true,
    initial: null,
  },
  timezone: {
    check: timezone,
    type: "string",
    help: "An IANA name, such as Europe/Berlin.",
    needs: "restart",
    file: "timezone",
    agentsOwn: true,
    initial: null,
  },
  cpus: {
    check: between(z.number(), 0.01, 1_024),
    type: "number",
    help: "Processors, in parts of one.",
    needs: "restart",
    file: "cpus",
    agentsOwn: false,
    initial: null,
  },
  memory_mb: {
    check: whole(16, 16_777_216),
    type: "integer",
    help: "Memory, MiB.",
    needs: "restart",
    file: "memoryMb",
    agentsOwn: false,
    initial: null,
  },
  pids: {
    check: whole(8, 4_194_304),
    type: "integer",
    help: "Processes at once.",
    needs: "restart",
    file: "pids",
    agentsOwn: false,
    initial: null,
  },
  // Only the host's gateway enforces the three limits, at every request. Containers do not get them.
  max_requests_per_day: {
    check: whole(1, 1_000_000_000),
    type: "integer",
    help: "Requests to models in a day of the group's timezone.",
    needs: "now",
    file: null,
    agentsOwn: false,
    initial: null,
    column: "double precision",
    escalates: true,
  },
  max_tokens_per_day: {
    // A day may have more tokens than 32 bits count.
    column: "double precision",
    check: whole(1, 1_000_000_000_000),
    type: "integer",
    help: "Tokens in a day, of input and output together.",
    needs: "now",
    file: null,
    agentsOwn: false,
    initial: null,
    escalates: true,
  },
  max_cost_per_day: {
    check: between(z.number(), 0.000_001, 1_000_000_000),
    type: "number",
    help: "Money in a day, in the currency of gatehouse prices.",
    needs: "now",
    file: null,
    agentsOwn: false,
    initial: null,
    escalates: true,
  },
  // The host's key goes there with each request, so no agent may choose it.
  upstream: {
    check: upstream,
    type: "string",
    help: "Where requests for a vendor's models go: anthropic=URL, openai=URL or google=URL; else the host's address.",
    needs: "now",
    file: null,
    agentsOwn: false,
    initial: null,
    escalates: true,
  },
  // Only the host enforces it, at every call. Containers do not get it.
  cli_scope: {
    check: oneOf(scopes),
    type: "string",
    help: "What the agent may do with ncl.",
    needs: "now",
    file: null,
    agentsOwn: false,
    initial: "group",
    values: scopes,
    escalates: true,
  },
  // Only the host enforces it, at every request.
  tools: {
    check: oneOf(toolPolicies),
    type: "string",
    help: "Whether the agent may use the tools that its CLI asks for.",
    needs: "now",
    file: null,
    agentsOwn: false,
    initial: "ask",
    values: toolPolicies,
  },
  // The engine enforces it, and the agent needs no file to see it.
  network: {
    check: oneOf(networks),
    type: "string",
    help: "What the agent's container reaches: gateway, only the models; open, other machines too.",
    needs: "restart",
    file: null,
    agentsOwn: false,
    initial: null,
    values: networks,
  },
  // Only the host enforces it, before it starts a container or a process.
  isolation: {
    check: oneOf(isolations),
    type: "string",
    help: "The least isolation of the group's agents: with container they do not run as processes.",
    needs: "restart",
    file: null,
    agentsOwn: false,
    initial: "process",
    values: isolations,
    escalates: true,
  },
};
