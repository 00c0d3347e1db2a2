import type { ReportFacts } from './facts.ts';

/** What a reader types in the unpacked packet; bash, `openssl` 3 and `sha256sum` are all it takes. */
export function commandsFor({ hosts }: Pick<ReportFacts, 'hosts'>): string {
  const receipts = hosts.some(({ receipted }) => receipted > 0);
  return `# 1. Every file is the one that the packet was made with.
sha256sum --check --quiet SHA256SUMS && echo "all files match"

# 2. A key's id is the SHA-256 of its 32 raw bytes (the last of its SPKI form).
for key in keys/*/*.pem; do
  echo "$key $(openssl pkey -pubin -in "$key" -outform DER | tail -c 32 | sha256sum | cut -c 1-64)"
done

# 3. Every bundle is signed by the key that it names.
raw=$(mktemp)
for bundle in evidence/*/*/*/*/*/bundle.json; do
  folder=$(dirname "$bundle"); host=$(echo "$folder" | cut -d / -f 2)
  key=$(grep -o '"key_id":"[0-9a-f]*"' "$bundle" | head -n 1 | cut -d '"' -f 4)
  base64 -d "$folder/bundle.sig" > "$raw"
  openssl pkeyutl -verify -pubin -inkey "keys/$host/$key.pem" -rawin -in "$bundle" \\
    -sigfile "$raw" > /dev/null || echo "WRONG: $folder"
done

# 4. Each bundle names the one before it: previous_digest is its SHA-256, and sequence is one less.
for bundle in evidence/*/*/*/*/*/bundle.json; do
  echo "$(grep -o '"chain_id":"[^"]*"' "$bundle" | head -n 1 | cut -d '"' -f 4)" \\
    "$(grep -o '"sequence":[0-9]*' "$bundle" | tail -n 1 | cut -d : -f 2)" \\
    "$(grep -o '"previous_digest":"[0-9a-f]*"' "$bundle" | tail -n 1 | cut -d '"' -f 4)" \\
    "$(sha256sum < "$bundle" | cut -c 1-64)"
done | sort -k 1,1 -k 2,2n | awk '
  $1 == chain && $2 == last + 1 && $3 != digest { print "WRONG: number " $2 " does not follow" }
  $1 == chain && $2 > last + 1 { print "MISSING before number " $2 }
  $1 == chain && $2 == last { print "TWICE: number " $2 }
  { chain = $1; last = $2; digest = $4 }'
${receipts ? RECEIPTS : ''}`;
}

const RECEIPTS = `
# 5. A receipt is the server's word that it had these bytes. Its key is not in the packet: take it from the server's
#    operator as receipt.pem.
raw=$(mktemp)
for receipt in evidence/*/*/*/*/*/receipt.json; do
  folder=$(dirname "$receipt")
  base64 -d "$folder/receipt.sig" > "$raw"
  openssl pkeyutl -verify -pubin -inkey receipt.pem -rawin -in "$receipt" \\
    -sigfile "$raw" > /dev/null || echo "WRONG: $receipt"
  grep -q "$(sha256sum < "$folder/bundle.json" | cut -c 1-64)" "$receipt" || echo "OF ANOTHER BUNDLE: $receipt"
done
`;
