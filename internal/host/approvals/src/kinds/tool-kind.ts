import type { ToolSuggestion } from "@gatehouse/session-rows/messages";
import { parsedArgs } from "../parsed-args.ts";
import { allowInput, allowRules } from "../tools/tool-rules.ts";
import type { Pending } from "../claim.ts";
import type { ApprovalKind } from "./approval-kind.ts";
import { boundRequest, changedRequest } from "./bound-request.ts";
import { keepReason } from "./keep-reason.ts";

/**
 * An agent's CLI wants to use a tool. An approval allows it once, or always in this group: with this input, or
 * what the CLI suggests. The session's host gives the answer to the agent.
 */
export const toolKind: ApprovalKind = {
  isOfAgent: false,
  isOfTool: true,
  takes: ["isAlways", "rule"],
  misfit: ({ approval_id: id, shown }, { rule, isAlways }) => {
    if (rule === undefined) return null;
    if (isAlways === true) return "Say either --always or --rule.";
    const count = suggestionsOf({ shown }).length;
    if (count === 0) return `Its CLI suggests no rule for ${id}: use --always, or leave --rule out.`;
    return rule >= 1 && rule <= count ? null : `${id} has the rules 1 to ${count}: ncl approvals get ${id}`;
  },
  run: async (db, approval, { id: newId, at, choice }) => {
    const { approval_id: id, answered_by: by } = approval;
    const bound = await boundRequest(db, approval);
    if (bound === null) return { id, ...changedRequest };
    const { groupId, tool } = bound;
    const made = { id: newId, at, by: by ?? "host" };
    const rules = choice.rule === undefined ? undefined : suggestionsOf(approval)[choice.rule - 1];
    if (choice.isAlways === true) await allowInput(db, groupId, bound, made);
    if (rules !== undefined) await allowRules(db, groupId, rules, made);
    const isAlways = choice.isAlways === true || rules !== undefined;
    const data = { tool, allowed: isAlways ? "always" : "once", ...(rules === undefined ? {} : { rules }) };
    return { id, ok: true, data };
  },
  refuse: keepReason,
};

/** The permissions that the CLI suggests to keep, as the card shows them. */
const suggestionsOf = ({ shown }: Pick<Pending, "shown">): readonly ToolSuggestion[] =>
  (parsedArgs(shown) as { readonly suggestions?: readonly ToolSuggestion[] }).suggestions ?? [];
