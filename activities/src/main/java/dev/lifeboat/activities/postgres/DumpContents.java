package dev.lifeboat.activities.postgres;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The table of contents of an archive, as {@code pg_restore --list} prints it.
 *
 * @param database that it was made of; empty where the list does not say
 * @param madeAt   when, in the words and the time zone of the list
 */
record DumpContents(String database, String madeAt, List<Entry> entries) {

    private static final Pattern ENTRY = Pattern.compile("\\d+; \\d+ \\d+ (.+)");
    private static final Pattern GRANTEE =
            Pattern.compile("(?:GRANT|REVOKE) .* (?:TO|FROM) (\"(?:[^\"]|\"\")+\"|[^\\s\";]+)(?: WITH GRANT OPTION)?;");
    /** Longer kinds first: each is also the beginning of a line of another. */
    private static final List<String> KINDS = List.of(
            "MATERIALIZED VIEW DATA",
            "MATERIALIZED VIEW",
            "FOREIGN TABLE",
            "VIEW",
            "TABLE DATA",
            "TABLE ATTACH",
            "TABLE",
            "FK CONSTRAINT",
            "CHECK CONSTRAINT",
            "CONSTRAINT",
            "DEFAULT ACL",
            "ACL",
            "SCHEMA",
            "EXTENSION",
            "DOMAIN",
            "TYPE",
            "SHELL TYPE",
            "SUBSCRIPTION",
            "EVENT TRIGGER",
            "BLOBS");

    private static final Set<String> AROUND_TABLES = Set.of("SCHEMA", "EXTENSION", "TYPE", "SHELL TYPE", "DOMAIN");
    private static final Set<String> OF_TABLES = Set.of("TABLE", "TABLE DATA", "CONSTRAINT");

    /**
     * @param line as listed
     * @param kind empty for one that nothing here asks about
     * @param rest behind the kind: schema, name and owner
     */
    record Entry(String line, String kind, String rest) {

        String schema() {
            int end = rest.indexOf(' ');
            return end < 0 ? rest : rest.substring(0, end);
        }

        /** A name with a blank in it ends at the blank: good enough to tell a table from its neighbours. */
        String name() {
            String[] words = rest.split(" ");
            return words.length > 1 ? words[1] : "";
        }

        String owner() {
            return rest.substring(rest.lastIndexOf(' ') + 1);
        }
    }

    static DumpContents parse(String list) {
        String database = "";
        String madeAt = "";
        List<Entry> entries = new ArrayList<>();
        for (String line : list.lines().toList()) {
            if (line.startsWith(";")) {
                String said = line.substring(1).strip();
                if (said.startsWith("dbname: ")) {
                    database = said.substring("dbname: ".length());
                } else if (said.startsWith("Archive created at ")) {
                    madeAt = said.substring("Archive created at ".length());
                }
                continue;
            }
            Matcher entry = ENTRY.matcher(line);
            if (entry.matches()) {
                entries.add(entry(line, entry.group(1)));
            }
        }
        return new DumpContents(database, madeAt, List.copyOf(entries));
    }

    private static Entry entry(String line, String rest) {
        Optional<String> kind =
                KINDS.stream().filter(each -> rest.startsWith(each + " ")).findFirst();
        return kind.map(each -> new Entry(line, each, rest.substring(each.length() + 1)))
                .orElseGet(() -> new Entry(line, "", rest));
    }

    long tablesWithData() {
        return entries.stream()
                .filter(entry -> entry.kind().equals("TABLE DATA"))
                .count();
    }

    boolean has(String kind) {
        return entries.stream().anyMatch(entry -> entry.kind().equals(kind));
    }

    /** Owners that are none of these roles. A role's name may have blanks in it, so that the end of the line is compared. */
    Set<String> missingOwners(Collection<String> roles) {
        Set<String> missing = new TreeSet<>();
        for (Entry entry : entries) {
            String owner = entry.owner();
            boolean known = entry.kind().equals("EXTENSION")
                    || roles.stream().anyMatch(role -> entry.line().endsWith(" " + role));
            if (!known && !owner.isBlank() && !entry.line().endsWith(" ")) {
                missing.add(owner);
            }
        }
        return missing;
    }

    /** Those grants and revocations to roles that are none of these; {@code sql} is that of the entries of grants alone. */
    static Set<String> missingGrantees(String sql, Collection<String> roles) {
        Set<String> missing = new TreeSet<>();
        for (String line : sql.lines().toList()) {
            Matcher grant = GRANTEE.matcher(line.strip());
            if (grant.matches()) {
                String role = grant.group(1);
                String bare = role.startsWith("\"")
                        ? role.substring(1, role.length() - 1).replace("\"\"", "\"")
                        : role;
                if (!bare.equals("PUBLIC") && !roles.contains(bare)) {
                    missing.add(bare);
                }
            }
        }
        return missing;
    }

    /** The lines of the grants, as {@code pg_restore --use-list} takes them. */
    List<String> grants() {
        return entries.stream()
                .filter(entry -> entry.kind().equals("ACL") || entry.kind().equals("DEFAULT ACL"))
                .map(Entry::line)
                .toList();
    }

    /**
     * What is restored where only some tables are asked for: their definition, rows, primary keys and unique constraints,
     * and the schemas, extensions and types around them.
     *
     * @param tables with schema or without
     */
    List<String> selection(Collection<String> tables) {
        return entries.stream()
                .filter(entry ->
                        AROUND_TABLES.contains(entry.kind()) || OF_TABLES.contains(entry.kind()) && isOf(entry, tables))
                .map(Entry::line)
                .toList();
    }

    /** Those of the asked-for tables that are not in the archive. */
    List<String> unknown(Collection<String> tables) {
        return tables.stream().filter(table -> !has("TABLE", table)).toList();
    }

    /** Whether something of this kind has this name, with schema or without. */
    boolean has(String kind, String name) {
        return entries.stream().anyMatch(entry -> entry.kind().equals(kind) && isOf(entry, List.of(name)));
    }

    /** With their schemas. */
    List<String> tables() {
        return entries.stream()
                .filter(entry -> entry.kind().equals("TABLE"))
                .map(entry -> entry.schema() + "." + entry.name())
                .toList();
    }

    private static boolean isOf(Entry entry, Collection<String> tables) {
        return tables.contains(entry.name())
                || tables.contains(entry.schema() + "." + entry.name())
                || tables.stream().anyMatch(table -> table.indexOf(' ') >= 0 && isOfBlanks(entry, table));
    }

    /** Nothing in the list tells where a name with blanks ends; one that is asked for whole is there whole. */
    private static boolean isOfBlanks(Entry entry, String table) {
        return entry.rest().startsWith(entry.schema() + " " + table + " ")
                || entry.rest().startsWith(table.replaceFirst("\\.", " ") + " ");
    }
}
