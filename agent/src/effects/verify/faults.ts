/** A folder below `evidence/` that is not a whole bundle in its place. `name` is its path there. */
export type FolderFault = {
  readonly kind:
    | 'altered'
    | 'incomplete'
    | 'unreadable'
    | 'malformed'
    | 'misplaced'
    | 'too_large'
    | 'receipt'
    | 'receipt_key';
  readonly name: string;
  readonly message: string;
};

const DESCRIBED: Record<FolderFault['kind'], string> = {
  altered: 'its bytes and its signature do not fit together under any key that is known',
  incomplete: 'bundle.json or bundle.sig is missing',
  unreadable: 'it cannot be read',
  malformed: 'it is signed and yet no bundle of this version',
  misplaced: 'it lies in another bundle’s folder, or under another day',
  too_large: 'it is longer than any bundle may be',
  receipt: 'the receipt beside it is incomplete, malformed or of another bundle',
  receipt_key: 'the receipt beside it is signed by none of the pinned keys',
};

export function describe(kind: FolderFault['kind'], name: string): FolderFault {
  return { kind, name, message: DESCRIBED[kind] };
}
