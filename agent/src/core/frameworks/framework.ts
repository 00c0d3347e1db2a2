/** 45 CFR 164.306(d): a standard, and its specifications, required or addressable by a documented alternative. */
export type Specification = 'standard' | 'required' | 'addressable';

/** One line of a framework. `source` says where it is to be read. */
export type Requirement = {
  readonly title: string;
  readonly source: string;
  /** The authors had no copy of the source at hand: the number or title may be off. Shown beside the source. */
  readonly unconfirmed?: true;
  readonly specification?: Specification;
  /** Ids of other frameworks that ask for the same: what serves those serves this. */
  readonly relates?: readonly string[];
};

/** A framework is one file: what it is, where it stands, and its lines by id. */
export type Framework<Id extends string = string> = {
  readonly id: string;
  readonly title: string;
  /** `proposal`: not law, shown apart and only where the profile asks for it. */
  readonly status: 'law' | 'standard' | 'guidance' | 'proposal';
  readonly source: string;
  readonly requirements: Readonly<Record<Id, Requirement>>;
};

/** Keeps the ids of a framework’s lines as a type, so that a check cannot cite what is not there. */
export function defineFramework<Id extends string>(framework: Framework<Id>): Framework<Id> {
  return framework;
}
