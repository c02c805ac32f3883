/** The published JSON of the stored policy. */
export interface PolicyDocument {
  /** HuJSON, as it was stored. */
  policy: string
  /** Null where the policy is a file of the server. */
  updatedAt: string | null
}

export function policyDocument({text, updatedAt}: {text: string; updatedAt: Date | null}): PolicyDocument {
  return {policy: text, updatedAt: updatedAt?.toISOString() ?? null}
}
