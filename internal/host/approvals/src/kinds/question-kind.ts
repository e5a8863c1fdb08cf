import { questionOf } from "../questions/question-of.ts";
import { readAnswers } from "../questions/read-answers.ts";
import type { ApprovalKind } from "./approval-kind.ts";
import { boundRequest, changedRequest } from "./bound-request.ts";
import { keepReason } from "./keep-reason.ts";

/**
 * An agent asks a person something: to choose between options, or to approve a plan. It gives no permission, so the
 * policy of the group does not apply, and the sender of the message may answer.
 */
export const questionKind: ApprovalKind = {
  isOfAgent: false,
  isOfTool: true,
  takes: ["answer"],
  misfit: (approval, { answer }) => {
    const { approval_id: id } = approval;
    const question = questionOf(approval);
    if (question.type === "plan")
      return answer === undefined ? null : `${id} is a plan: approve it, or reject it with your words.`;
    if (answer === undefined) return `${id} is a question: ncl approvals answer ${id} --text ANSWER`;
    const read = readAnswers(question.questions, answer);
    return read.ok ? null : `${id} is not answered: ${read.error}`;
  },
  run: async (db, approval, { choice }) => {
    const { approval_id: id } = approval;
    const question = questionOf(approval);
    if ((await boundRequest(db, approval)) === null) return { id, ...changedRequest };
    if (question.type === "plan") return { id, ok: true, data: { plan: "approved" } };
    const answers = readAnswers(question.questions, choice.answer ?? "");
    return answers.ok ? { id, ok: true, data: { answers: answers.value } } : { id, ...changedRequest };
  },
  refuse: keepReason,
};
