// A program, so that what writing leaves in memory is not in whoever measures. Arguments: a folder, and how many bundles.
import { writeEvidence } from './evidence-folder.ts';

const [folder = '', bundles = ''] = process.argv.slice(2);
writeEvidence(folder, Number(bundles));
