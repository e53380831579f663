package dev.lifeboat.activities.postgres;

import dev.lifeboat.workflows.contract.evidence.Finding;
import dev.lifeboat.workflows.contract.postgres.DumpRestoreActivities.DumpRestoreOrder;
import dev.lifeboat.workflows.contract.postgres.DumpRestorePlan;
import dev.lifeboat.workflows.contract.postgres.DumpRestorePlan.Kind;
import dev.lifeboat.workflows.contract.postgres.StepOutcome;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The new database of a restore: made, made again, removed. One that this run did not make is never touched. */
final class RestoreDatabases {

    private static final String OF_USERS = "select count(*) from pg_class where oid >= 16384";

    private final ClusterAccess access;

    RestoreDatabases(ClusterAccess access) {
        this.access = access;
    }

    StepOutcome create(DumpRestoreOrder order) throws IOException {
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
                make(connection, order.plan(), findings);
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

    /** As new, for an attempt that cannot go on with what another one has loaded. */
    void makeAgain(DumpRestoreOrder order) throws IOException {
        drop(order);
        create(order);
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

    private void make(Connection connection, DumpRestorePlan plan, List<Finding> findings) throws SQLException {
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
        sql.append(locale(connection, plan, manifest));
        RestoreSession.execute(connection, sql.toString());
        if (!plan.liveExists()) {
            findings.add(new Finding(
                    "low",
                    "there is no database %s whose grants and settings %s could be given"
                            .formatted(plan.database(), plan.restored()),
                    "look for GRANT ... ON DATABASE and ALTER DATABASE ... SET in the globals of the dump"));
        }
    }

    /** That of the dump; what the manifest does not carry, as the provider of a locale, is taken from the live one. */
    private static String locale(Connection connection, DumpRestorePlan plan, @Nullable DumpManifest manifest)
            throws SQLException {
        List<List<@Nullable String>> live = RestoreSession.rows(
                connection,
                "select pg_encoding_to_char(encoding), datcollate, datctype,"
                        + " coalesce(to_jsonb(d) ->> 'datlocprovider', 'c'),"
                        + " coalesce(to_jsonb(d) ->> 'datlocale', to_jsonb(d) ->> 'daticulocale')"
                        + " from pg_database d where datname = ?",
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
        } else if (locale != null && "b".equals(row.get(3))) {
            sql.append(" locale_provider builtin builtin_locale ").append(RestoreSession.literal(locale));
        }
        return sql.toString();
    }

    /** Also just before the swap: the live one may have got others meanwhile. */
    static List<Finding> carryOver(Connection connection, DumpRestorePlan plan) throws SQLException {
        if (oid(connection, plan.database()) == null) {
            return List.of();
        }
        List<String> refused = DatabaseProperties.copy(connection, plan.database(), plan.restored());
        return refused.isEmpty()
                ? List.of()
                : List.of(new Finding(
                        "medium",
                        "%s lacks what this login may not set: %s"
                                .formatted(plan.restored(), String.join("; ", refused)),
                        "let a superuser say it, with the name that the database has then"));
    }
}
