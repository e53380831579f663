package dev.lifeboat.activities.postgres;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What an archive says of the database itself: the options that it was made with, and its owner, settings, grants, limit,
 * comment and labels. {@code pg_restore} says it with {@code --create} only, and then to the name that was dumped.
 *
 * @param options    of CREATE DATABASE, each as SQL writes its value: encoding and locale with its provider
 * @param tablespace null for the usual one
 * @param statements on the database, with its name left out; in the order of the archive
 */
record ArchivedDatabase(Map<String, String> options, @Nullable String tablespace, List<Statement> statements) {

    /** Of an archive that does not say, and of plain SQL. */
    static final ArchivedDatabase UNKNOWN = new ArchivedDatabase(Map.of(), null, List.of());

    private static final Pattern TOKEN = Pattern.compile(
            "--[^\n]*+|\\\\[^\n]*+|\"[^\"]*+(?:\"\"[^\"]*+)*+\""
                    + "|E'[^'\\\\]*+(?:(?:''|\\\\.)[^'\\\\]*+)*+'|'[^']*+(?:''[^']*+)*+'|[\\w$]++|\\s++|.",
            Pattern.DOTALL);

    private static final Pattern SETTING = Pattern.compile("(?s) SET ([\\w.\"$]+) .*");
    private static final Pattern NOT_FOR_A_COPY = Pattern.compile("(?i)_preload_libraries|_timeout|read_only|^\"?role");
    private static final Set<String> OF_LOCALES = Set.of(
            "ENCODING",
            "LOCALE_PROVIDER",
            "LOCALE",
            "LC_COLLATE",
            "LC_CTYPE",
            "ICU_LOCALE",
            "BUILTIN_LOCALE",
            "ICU_RULES");

    private static final Pattern SAID = Pattern.compile(
            "(?s)(?:ALTER DATABASE (?:SET|CONNECTION|OWNER) .*|ALTER ROLE .* IN DATABASE SET .*|COMMENT ON DATABASE IS .*"
                    + "|(?:GRANT|REVOKE) .* ON DATABASE (?:TO|FROM) .*|SECURITY LABEL .*ON DATABASE IS .*)");

    /**
     * @param before the words up to the name
     * @param after  those behind it
     */
    record Statement(String before, String after) {

        String on(String database) {
            return before + RestoreSession.quoted(database) + after;
        }

        /** A setting for everybody or for a role; its name, or empty. */
        String setting() {
            Matcher set = SETTING.matcher(after);
            return set.matches() ? set.group(1) : "";
        }
    }

    /** The lines of an archive's list that are about the database. */
    static List<String> entries(String list) {
        return list.lines()
                .filter(
                        line -> line.matches(
                                "\\d+; \\d+ \\d+ (?:DATABASE|DATABASE PROPERTIES|(?:ACL|COMMENT|SECURITY LABEL) - DATABASE) .*"))
                .toList();
    }

    /** @param sql that {@code pg_restore --create} makes of these entries */
    static ArchivedDatabase parse(String sql) {
        Map<String, String> options = new LinkedHashMap<>();
        List<Statement> statements = new ArrayList<>();
        for (List<String> tokens : statements(sql)) {
            int keyword = indexOf(tokens, "DATABASE"::equals);
            int name = keyword < 0 ? -1 : nextWord(tokens, keyword + 1);
            if (name < 0) {
                continue;
            }
            Statement said = new Statement(
                    String.join("", tokens.subList(0, name)), String.join("", tokens.subList(name + 1, tokens.size())));
            if (said.before().startsWith("CREATE DATABASE ")) {
                options.putAll(options(tokens.subList(name + 1, tokens.size())));
            } else if (SAID.matcher(said.before().strip() + said.after()).matches()) {
                statements.add(said);
            }
        }
        String tablespace = options.remove("TABLESPACE");
        options.keySet().retainAll(OF_LOCALES);
        return new ArchivedDatabase(options, tablespace == null ? null : unquoted(tablespace), List.copyOf(statements));
    }

    /** As CREATE DATABASE takes them. */
    String clause() {
        StringBuilder sql = new StringBuilder();
        options.forEach((name, value) -> sql.append(' ')
                .append(name.toLowerCase(Locale.ROOT))
                .append(" = ")
                .append(value));
        return sql.toString();
    }

    /** Whether a database was made as this archive's was; one that says nothing fits all. */
    boolean fits(Connection connection, String database) throws SQLException {
        if (options.isEmpty()) {
            return true;
        }
        List<@Nullable String> row = RestoreSession.rows(
                        connection,
                        "select pg_encoding_to_char(encoding), datcollate, datctype,"
                                + " coalesce(to_jsonb(d) ->> 'datlocprovider', 'c'),"
                                + " coalesce(to_jsonb(d) ->> 'datlocale', to_jsonb(d) ->> 'daticulocale'),"
                                + " to_jsonb(d) ->> 'daticurules' from pg_database d where datname = ?",
                        database)
                .get(0);
        List<@Nullable String> wanted = new ArrayList<>();
        wanted.add(option("ENCODING"));
        wanted.add(option("LC_COLLATE", "LOCALE"));
        wanted.add(option("LC_CTYPE", "LOCALE"));
        wanted.add(
                Objects.requireNonNullElse(option("LOCALE_PROVIDER"), "libc").equals("libc")
                        ? "c"
                        : Objects.requireNonNull(option("LOCALE_PROVIDER")).substring(0, 1));
        wanted.add(option("ICU_LOCALE", "BUILTIN_LOCALE"));
        wanted.add(option("ICU_RULES"));
        return row.equals(wanted);
    }

    private @Nullable String option(String... names) {
        for (String name : names) {
            String value = options.get(name);
            if (value != null) {
                return unquoted(value);
            }
        }
        return null;
    }

    private static Map<String, String> options(List<String> tokens) {
        Map<String, String> found = new TreeMap<>();
        for (int equals = indexOf(tokens, "="::equals); equals >= 0; ) {
            int name = equals - 1;
            while (tokens.get(name).isBlank()) {
                name--;
            }
            int value = nextWord(tokens, equals + 1);
            found.put(tokens.get(name), tokens.get(value));
            List<String> rest = tokens.subList(value, tokens.size());
            int next = indexOf(rest, "="::equals);
            equals = next < 0 ? -1 : value + next;
        }
        return found;
    }

    /** Without comments and without what is meant for psql. */
    private static List<List<String>> statements(String sql) {
        List<List<String>> all = new ArrayList<>();
        List<String> current = new ArrayList<>();
        Matcher token = TOKEN.matcher(sql);
        while (token.find()) {
            String text = token.group();
            if (text.startsWith("--") || text.startsWith("\\") || current.isEmpty() && text.isBlank()) {
                continue;
            }
            if (text.equals(";")) {
                all.add(current);
                current = new ArrayList<>();
            } else {
                current.add(text);
            }
        }
        return all;
    }

    private static int indexOf(List<String> tokens, Predicate<String> wanted) {
        for (int i = 0; i < tokens.size(); i++) {
            if (wanted.test(tokens.get(i))) {
                return i;
            }
        }
        return -1;
    }

    private static int nextWord(List<String> tokens, int from) {
        int found = indexOf(tokens.subList(Math.min(from, tokens.size()), tokens.size()), token -> !token.isBlank());
        return found < 0 ? -1 : from + found;
    }

    private static String unquoted(String value) {
        if (value.startsWith("E'")) {
            return value.substring(2, value.length() - 1).replace("''", "'").replace("\\\\", "\\");
        }
        if (value.startsWith("'")) {
            return value.substring(1, value.length() - 1).replace("''", "'");
        }
        return value.startsWith("\"") ? value.substring(1, value.length() - 1).replace("\"\"", "\"") : value;
    }

    /** Its settings alone, without those that load libraries, end sessions or forbid writing: for a copy that nobody works with. */
    ArchivedDatabase harmlessSettings() {
        return new ArchivedDatabase(
                options,
                tablespace,
                statements.stream()
                        .filter(statement -> !statement.setting().isEmpty()
                                && !NOT_FOR_A_COPY.matcher(statement.setting()).find())
                        .toList());
    }
}
