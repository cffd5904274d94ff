import { CognitoJwtVerifier } from 'aws-jwt-verify';

import { table } from './cookie.mjs';

export default async ({ POOL, CLIENT, JWKS }) => {
  const verifier = (tokenUse) => {
    const made = CognitoJwtVerifier.create({ userPoolId: POOL, tokenUse, clientId: CLIENT });
    made.cacheJwks(JSON.parse(JWKS));
    return made;
  };
  const [access, id] = [verifier('access'), verifier('id')];
  const prefix = `CognitoIdentityServiceProvider.${CLIENT}`;
  return async (cookie) => {
    const cookies = table(cookie);
    const user = cookies[`${prefix}.LastAuthUser`];
    await id.verify(cookies[`${prefix}.${user}.idToken`]);
    return (await access.verify(cookies[`${prefix}.${user}.accessToken`])).sub;
  };
};
