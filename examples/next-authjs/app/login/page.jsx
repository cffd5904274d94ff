'use client';

import { signIn } from 'next-auth/react';
import { useState } from 'react';

export default function Login() {
  const [name, setName] = useState('');
  const submit = (event) => {
    event.preventDefault();
    const callbackUrl = new URLSearchParams(window.location.search).get('return_to') ?? '/dashboard';
    signIn('credentials', { name, callbackUrl });
  };
  return (
    <form onSubmit={submit}>
      <h1>Sign in</h1>
      <input placeholder="Name" value={name} onChange={(event) => setName(event.target.value)} />
      <button>Sign in</button>
    </form>
  );
}
