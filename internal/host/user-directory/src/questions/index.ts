export { accountTrouble, agree, askAgain, askAnswers } from "./ask-answers.ts";
export { askedFields } from "./asked-fields.ts";
