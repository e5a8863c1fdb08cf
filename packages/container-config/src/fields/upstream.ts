import { keyAddressProblem } from "@gatehouse/std";
import { z } from "zod";

/** The vendor of models and the address that its requests go to: `anthropic=https://models.example`. */
export const upstream: z.ZodType<string> = z
  .string()
  .max(2_048, "has more than 2048 characters")
  .superRefine((text, context) => {
    const [, url] = /^(?:anthropic|openai)=([!-~]+)$/.exec(text) ?? [];
    const problem = url === undefined ? "is not anthropic=URL or openai=URL" : keyAddressProblem(url);
    if (problem !== null) context.addIssue(problem);
  });
