package dev.lifeboat.workflows.runbook.dumprestore;

import dev.lifeboat.workflows.contract.postgres.DumpRestoreFacts;
import dev.lifeboat.workflows.contract.postgres.DumpRestorePlan.Choice;
import dev.lifeboat.workflows.contract.postgres.DumpRestorePlan.Kind;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import dev.lifeboat.workflows.domain.postgres.Dump;

/** Which dump is meant by what was typed. */
public final class DumpChoice {

    public static final String LATEST = "latest";

    private static final String S3 = "s3://";

    private DumpChoice() {}

    /** @throws RecoveryFailure UNKNOWN_BACKUP, with what exists instead */
    public static Choice choose(DumpRestoreInput input, DumpRestoreFacts facts) {
        String asked = input.backup();
        if (asked.equals(LATEST)) {
            return latest(input, facts);
        }
        Dump named = facts.named();
        if (named != null) {
            if (!named.database().equals(input.database())) {
                throw new RecoveryFailure(
                        FailureCode.UNKNOWN_BACKUP,
                        "cannot restore %s from the dump %s: that is one of the database %s"
                                .formatted(input.database(), named.id(), named.database()),
                        "'lifeboat backups %s' lists the dumps with their databases; or restore it with --database %s --into NAME"
                                .formatted(input.cluster(), named.database()));
            }
            return new Choice(Kind.DUMP, named.id());
        }
        if (asked.startsWith(S3)) {
            return new Choice(Kind.OBJECT, asked);
        }
        if (asked.startsWith("/")) {
            return new Choice(Kind.FILE, asked);
        }
        throw new RecoveryFailure(
                FailureCode.UNKNOWN_BACKUP,
                "cannot find the dump %s of %s: the bucket has no manifest of it".formatted(asked, input.cluster()),
                "'lifeboat backups %s' lists what exists; a file is named by its absolute path%s"
                        .formatted(input.cluster(), loose(facts)));
    }

    private static Choice latest(DumpRestoreInput input, DumpRestoreFacts facts) {
        if (facts.dumps().isEmpty()) {
            throw new RecoveryFailure(
                    FailureCode.UNKNOWN_BACKUP,
                    "cannot restore %s of %s: the bucket has no finished dump of it%s"
                            .formatted(
                                    input.database(),
                                    input.cluster(),
                                    facts.unreadable().isEmpty()
                                            ? ""
                                            : ", and cannot read " + String.join("; ", facts.unreadable())),
                    "'lifeboat backups %s' lists what exists%s".formatted(input.cluster(), loose(facts)));
        }
        return new Choice(Kind.DUMP, facts.dumps().get(facts.dumps().size() - 1).id());
    }

    /** Those of scripts from before Lifeboat: the newest is what somebody in need looks for. */
    private static String loose(DumpRestoreFacts facts) {
        return facts.loose().isEmpty()
                ? ""
                : "; there is a file without a manifest: --backup "
                        + facts.loose().get(facts.loose().size() - 1);
    }
}
