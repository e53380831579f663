package dev.lifeboat.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;

@Command(name = "keys", description = "The key pairs that encrypt backups.")
final class KeysCommand implements Callable<Integer> {

    static CommandLine commandLine(Tool tool) {
        return new CommandLine(new KeysCommand())
                .addSubcommand(new KeysGenerateCommand(tool))
                .addSubcommand(new KeysListCommand(tool))
                .addSubcommand(new KeysAddRecipientCommand(tool))
                .addSubcommand(new KeysRewrapCommand(tool));
    }

    @Override
    public Integer call() {
        throw CliFailure.usage(
                "lifeboat keys needs one of generate, list, add-recipient and rewrap",
                "'lifeboat keys list' shows what is configured");
    }
}
