package dev.lifeboat.activities.postgres;

import dev.lifeboat.activities.store.SettingValues;
import dev.lifeboat.workflows.contract.evidence.Finding;
import dev.lifeboat.workflows.contract.postgres.DumpRestoreActivities.DumpRestoreOrder;
import dev.lifeboat.workflows.contract.postgres.DumpRestorePlan;
import dev.lifeboat.workflows.contract.postgres.DumpRestorePlan.Kind;
import dev.lifeboat.workflows.contract.postgres.StepOutcome;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The new database of a restore: made, made again, removed. One that this run did not make is never touched. */
final class RestoreDatabases {

    private static final String OF_USERS = "select count(*) from pg_class where oid >= 16384";

    /** A locale that this host or this build does not have, or one that the encoding does not go with. */
    private static final Set<String> OF_LOCALES = Set.of("22023", "42704", "42809", "0A000");

    private static final String NEEDS_LOCALE = "the database host needs that locale: see 'locale -a' and pg_collation";
    private static final Pattern ENCODING = Pattern.compile("encoding (?:= )?'([^']+)'");

    private final ClusterAccess access;

    RestoreDatabases(ClusterAccess access) {
        this.access = access;
    }

    StepOutcome create(DumpRestoreOrder order) throws IOException {
        return create(order, ArchivedDatabase.UNKNOWN);
    }

    private StepOutcome create(DumpRestoreOrder order, ArchivedDatabase archived) throws IOException {
        RestorePlace place = place(order);
        RestoreNote note = place.note(order)
                .orElseGet(() -> RestoreNote.begin(order.fence().runId()));
        String name = order.plan().restored();
        access.leases().check(order.fence());
        List<Finding> findings = new ArrayList<>();
        RestoreSession.beside(access, List.of(name), connection -> {
            Long there = oid(connection, name);
            if (there != null) {
                adopt(note, name, there);
            }
            return true;
        });
        place.write(note);
        RestoreNote made = RestoreSession.beside(access, List.of(name), connection -> {
            if (oid(connection, name) == null) {
                make(connection, order.plan(), archived, findings);
            }
            findings.addAll(carryOver(connection, order.plan()));
            return note.made(Objects.requireNonNull(oid(connection, name)));
        });
        place.write(Objects.equals(made.restored(), note.restored()) && note.loaded() ? note : made);
        String owner = RestoreSession.beside(
                access,
                List.of(name),
                connection -> Objects.requireNonNull(DatabaseProperties.owner(connection, name)));
        return StepOutcome.of("%s, owned by %s".formatted(name, owner), access.workerName())
                .withFindings(findings);
    }

    /** Of another attempt, unless it is none of ours: then it was made between the plan and now. */
    private void adopt(RestoreNote note, String name, long there) {
        boolean ours = note.restored() != null && note.restored() == there;
        if (!ours && (note.restored() != null || !isEmpty(name))) {
            throw new RecoveryFailure(
                    FailureCode.DATABASE_EXISTS,
                    "cannot restore into %s: somebody else made a database of that name meanwhile".formatted(name),
                    "start again with another name; nothing of it was touched");
        }
    }

    boolean isEmpty(String name) {
        return RestoreSession.in(access, name, connection -> "0".equals(RestoreSession.one(connection, OF_USERS)));
    }

    /** Nothing in it, and nobody at work on it. */
    boolean isUntouched(String name) {
        boolean used = RestoreSession.beside(
                access,
                List.of(name),
                connection -> RestoreSession.one(connection, "select 1 from pg_stat_activity where datname = ?", name)
                        != null);
        return !used && isEmpty(name);
    }

    /**
     * As new, for an attempt that cannot go on with what another one has loaded, and where it was made in another encoding or
     * with another locale than the dumped one.
     */
    List<Finding> fit(DumpRestoreOrder order, ArchivedDatabase archived) throws IOException {
        String name = order.plan().restored();
        boolean fits = isUntouched(name)
                && (order.plan().liveExists() || archived.tablespace() == null)
                && RestoreSession.beside(access, List.of(name), connection -> archived.fits(connection, name));
        if (fits) {
            return List.of();
        }
        drop(order);
        return create(order, archived).findings();
    }

    /** Where on the database host its files will lie: those of the live one tell. */
    Path placeOf(DumpRestorePlan plan) {
        return RestoreSession.beside(access, List.of(), connection -> {
            String elsewhere = RestoreSession.one(
                    connection,
                    "select pg_tablespace_location(dattablespace) from pg_database where datname = ?",
                    plan.database());
            return elsewhere == null || !elsewhere.startsWith("/")
                    ? access.cluster().dataDirectory()
                    : Path.of(elsewhere);
        });
    }

    /** Removes the database of this run's note, and only if it still has this run's name. */
    boolean drop(DumpRestoreOrder order) throws IOException {
        RestorePlace place = place(order);
        Optional<RestoreNote> note = place.note(order);
        String name = order.plan().restored();
        if (note.isEmpty()) {
            return false;
        }
        access.leases().check(order.fence());
        Long number = note.get().restored();
        boolean dropped = RestoreSession.beside(access, List.of(name), connection -> {
            Long there = oid(connection, name);
            boolean ours = there != null && (number == null ? isEmpty(name) : number.equals(there));
            if (ours) {
                RestoreSession.execute(
                        connection, "drop database %s with (force)".formatted(RestoreSession.quoted(name)));
            }
            return ours;
        });
        place.write(RestoreNote.begin(order.fence().runId()));
        return dropped;
    }

    static @Nullable Long oid(Connection connection, String name) throws SQLException {
        String oid = RestoreSession.one(connection, "select oid from pg_database where datname = ?", name);
        return oid == null ? null : Long.valueOf(oid);
    }

    private RestorePlace place(DumpRestoreOrder order) {
        return new RestorePlace(access, order.plan().database());
    }

    private void make(Connection connection, DumpRestorePlan plan, ArchivedDatabase archived, List<Finding> findings)
            throws SQLException {
        DumpManifest manifest = plan.source().choice().kind() == Kind.DUMP
                ? access.dumps().read(plan.source().choice().name())
                : null;
        String owner = DatabaseProperties.owner(connection, plan.database());
        if (owner == null && manifest != null) {
            owner = manifest.owner();
        }
        StringBuilder sql = new StringBuilder(
                "create database %s with template template0".formatted(RestoreSession.quoted(plan.restored())));
        if (owner != null) {
            boolean may = "t"
                    .equals(RestoreSession.one(
                            connection,
                            "select (select rolsuper from pg_roles where rolname = current_user) or pg_has_role(oid, 'MEMBER')"
                                    + " from pg_roles where rolname = ?",
                            owner));
            if (may) {
                sql.append(" owner ").append(RestoreSession.quoted(owner));
            } else {
                findings.add(new Finding(
                        "medium",
                        "%s belongs to %s: there is no role %s that it could be given to"
                                .formatted(plan.restored(), access.cluster().user(), owner),
                        "make the role, then: alter database %s owner to %s"
                                .formatted(RestoreSession.quoted(plan.restored()), RestoreSession.quoted(owner))));
            }
        }
        sql.append(tablespace(connection, plan, archived, findings));
        String made = archived.options().isEmpty() ? locale(connection, plan, manifest) : archived.clause();
        try {
            RestoreSession.execute(connection, sql + made);
        } catch (SQLException e) {
            if (!OF_LOCALES.contains(String.valueOf(e.getSQLState()))) {
                throw e;
            }
            String what = "cannot make %s as the dumped database was made: %s (%s)"
                    .formatted(plan.restored(), LiveServer.firstLine(String.valueOf(e.getMessage())), made.strip());
            if (plan.clean()) {
                throw new RecoveryFailure(
                        FailureCode.RESTORE_FAILED, what, NEEDS_LOCALE + "; then 'lifeboat retry'", e);
            }
            RestoreSession.execute(connection, sql + usual(connection, made));
            findings.add(
                    new Finding("medium", what + "; it has the usual locale of this server instead", NEEDS_LOCALE));
        }
    }

    /** Another order of texts, but the same texts. */
    private static String usual(Connection connection, String made) throws SQLException {
        String encoding = RestoreSession.one(
                connection, "select pg_encoding_to_char(encoding) from pg_database where datname = 'template0'");
        Matcher wanted = ENCODING.matcher(made);
        return !wanted.find() || wanted.group(1).equals(encoding)
                ? ""
                : " encoding '%s' lc_collate 'C' lc_ctype 'C'".formatted(wanted.group(1));
    }

    /** That of the live one, whose disk is known to be large enough; where there is none, that of the dumped one. */
    private static String tablespace(
            Connection connection, DumpRestorePlan plan, ArchivedDatabase archived, List<Finding> findings)
            throws SQLException {
        String live = DatabaseProperties.tablespace(connection, plan.database());
        String wanted = live == null ? archived.tablespace() : live;
        if (wanted == null || wanted.equals("pg_default")) {
            return "";
        }
        boolean may = "t"
                .equals(RestoreSession.one(
                        connection,
                        "select has_tablespace_privilege(oid, 'CREATE') from pg_tablespace where spcname = ?",
                        wanted));
        if (!may) {
            findings.add(new Finding(
                    "medium",
                    "%s lies in the tablespace pg_default: there is no tablespace %s that %s may use"
                            .formatted(plan.restored(), wanted, plan.cluster()),
                    "make it, then: alter database %s set tablespace %s"
                            .formatted(RestoreSession.quoted(plan.restored()), RestoreSession.quoted(wanted))));
            return "";
        }
        return " tablespace " + RestoreSession.quoted(wanted);
    }

    /** That of the dump; what the manifest does not carry, as the provider of a locale, is taken from the live one. */
    private static String locale(Connection connection, DumpRestorePlan plan, @Nullable DumpManifest manifest)
            throws SQLException {
        List<List<@Nullable String>> live = RestoreSession.rows(
                connection,
                "select pg_encoding_to_char(encoding), datcollate, datctype,"
                        + " coalesce(to_jsonb(d) ->> 'datlocprovider', 'c'),"
                        + " coalesce(to_jsonb(d) ->> 'datlocale', to_jsonb(d) ->> 'daticulocale'),"
                        + " to_jsonb(d) ->> 'daticurules' from pg_database d where datname = ?",
                plan.database());
        List<@Nullable String> row = live.isEmpty() ? List.of() : live.get(0);
        String encoding = manifest != null ? manifest.encoding() : row.isEmpty() ? null : row.get(0);
        String collation = manifest != null ? manifest.collation() : row.isEmpty() ? null : row.get(1);
        String characters = manifest != null ? manifest.characterClass() : row.isEmpty() ? null : row.get(2);
        if (encoding == null || collation == null || characters == null) {
            return "";
        }
        StringBuilder sql = new StringBuilder(" encoding %s lc_collate %s lc_ctype %s"
                .formatted(
                        RestoreSession.literal(encoding),
                        RestoreSession.literal(collation),
                        RestoreSession.literal(characters)));
        String locale = row.isEmpty() ? null : row.get(4);
        if (locale != null && "i".equals(row.get(3))) {
            sql.append(" locale_provider icu icu_locale ").append(RestoreSession.literal(locale));
            String rules = row.get(5);
            if (rules != null) {
                sql.append(" icu_rules ").append(RestoreSession.literal(rules));
            }
        } else if (locale != null && "b".equals(row.get(3))) {
            sql.append(" locale_provider builtin builtin_locale ").append(RestoreSession.literal(locale));
        }
        return sql.toString();
    }

    /** Where there is no live database to take them from: its settings, grants, limit, comment and owner as they were dumped. */
    List<Finding> carryOver(DumpRestorePlan plan, ArchivedDatabase archived) {
        if (plan.liveExists()) {
            return List.of();
        }
        if (archived.statements().isEmpty() && archived.options().isEmpty()) {
            return List.of(new Finding(
                    "medium",
                    "%s lets everybody connect, and has no settings of its own: there is no database %s whose grants and settings it could be given, and %s does not say them"
                            .formatted(
                                    plan.restored(),
                                    plan.database(),
                                    plan.source().address()),
                    "look at another dump of it: pg_restore --create --file - FILE | grep ' DATABASE '"));
        }
        List<String> refused = RestoreSession.beside(
                access,
                List.of(plan.restored()),
                connection -> DatabaseProperties.say(connection, archived, plan.restored()));
        return lacks(plan, refused);
    }

    /** Also just before the swap: the live one may have got others meanwhile. */
    static List<Finding> carryOver(Connection connection, DumpRestorePlan plan) throws SQLException {
        if (oid(connection, plan.database()) == null) {
            return List.of();
        }
        return lacks(plan, DatabaseProperties.copy(connection, plan.database(), plan.restored()));
    }

    private static List<Finding> lacks(DumpRestorePlan plan, List<String> refused) {
        return refused.isEmpty()
                ? List.of()
                : List.of(
                        new Finding(
                                "medium",
                                "%s lacks what the server did not let this login set: %s"
                                        .formatted(plan.restored(), SettingValues.hide(String.join("; ", refused))),
                                "let a superuser say it, with the name that the database has then; values, which may be secrets, stand in the dump"));
    }
}
