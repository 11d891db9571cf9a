// The search of a page: waits until the person pauses, then passes the text on. `/` focuses it from anywhere.
import { makeStyles, SearchBox } from "@fluentui/react-components";
import { useEffect, useRef, useState } from "react";

const PAUSE = 200;

const useStyles = makeStyles({
  root: { width: "300px", maxWidth: "100%", minWidth: "180px", flexShrink: 1 },
});

interface Props {
  label: string;
  placeholder: string;
  value: string;
  onSearch: (text: string) => void;
}

export function SearchField({ label, placeholder, value, onSearch }: Props) {
  const styles = useStyles();
  const [text, setText] = useState(value);
  const passed = useRef(value);

  // The value changed elsewhere: filters cleared, Back pressed.
  useEffect(() => {
    if (value !== passed.current) {
      passed.current = value;
      setText(value);
    }
  }, [value]);

  useEffect(() => {
    if (text === passed.current) return;
    const timer = setTimeout(() => {
      passed.current = text;
      onSearch(text);
    }, PAUSE);
    return () => clearTimeout(timer);
  }, [text, onSearch]);

  return (
    <SearchBox
      size="small"
      className={styles.root}
      aria-label={label}
      placeholder={placeholder}
      value={text}
      maxLength={200}
      onChange={(_, data) => setText(data.value)}
      data-search
    />
  );
}
