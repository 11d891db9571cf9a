/** The mark of the product: a seal with a keyhole. Decorative; the name stands beside it. */
export function SealMark({ size = 24 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true" focusable="false">
      <defs>
        <linearGradient id="seal-ground" x1="0" y1="0" x2="1" y2="1">
          <stop offset="0" stopColor="#4552c0" />
          <stop offset="1" stopColor="#0e8a8a" />
        </linearGradient>
      </defs>
      <path
        fill="url(#seal-ground)"
        d="M16 2.4A3.6 3.6 0 0 1 22.8 4.2A3.6 3.6 0 0 1 27.8 9.2A3.6 3.6 0 0 1 29.6 16A3.6 3.6 0 0 1 27.8 22.8A3.6 3.6 0 0 1 22.8 27.8A3.6 3.6 0 0 1 16 29.6A3.6 3.6 0 0 1 9.2 27.8A3.6 3.6 0 0 1 4.2 22.8A3.6 3.6 0 0 1 2.4 16A3.6 3.6 0 0 1 4.2 9.2A3.6 3.6 0 0 1 9.2 4.2A3.6 3.6 0 0 1 16 2.4z"
      />
      <circle cx="16" cy="16" r="8.7" fill="none" stroke="#fff" strokeOpacity=".55" strokeWidth="1" />
      <path fill="#fff" d="M16 10.4a3.3 3.3 0 0 1 1.7 6.1l1 4.8h-5.4l1-4.8a3.3 3.3 0 0 1 1.7-6.1z" />
    </svg>
  );
}
