package dev.lifeboat.cli;

import dev.lifeboat.config.Nearest;
import java.io.PrintWriter;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.logging.LogManager;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.TypeConversionException;
import picocli.CommandLine.UnmatchedArgumentException;

/** The operator's tool. */
public final class Lifeboat {

    private final Surroundings surroundings;

    Lifeboat(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    public static void main(String[] arguments) {
        // Libraries talk to developers; what a person must know is said by this tool itself.
        LogManager.getLogManager().reset();
        System.exit(new Lifeboat(Surroundings.ofProcess()).run(arguments));
    }

    /** @return the exit code */
    int run(String... arguments) {
        GlobalOptions options = new GlobalOptions();
        try (Tool tool = new Tool(surroundings, options)) {
            CommandLine line = commandLine(tool, options);
            line.setParameterExceptionHandler((failure, args) -> misread(tool, options, failure, args));
            line.setExecutionExceptionHandler((failure, command, result) -> failed(tool, failure));
            line.setExecutionStrategy(Lifeboat::execute);
            return line.execute(arguments);
        } finally {
            surroundings.terminal().out().flush();
            surroundings.terminal().err().flush();
        }
    }

    CommandLine commandLine(Tool tool, GlobalOptions options) {
        CommandLine line = new CommandLine(options)
                .addSubcommand(new ListCommand(tool))
                .addSubcommand(new ShowCommand(tool))
                .addSubcommand(new PlanCommand(tool))
                .addSubcommand(new StartCommand(tool))
                .addSubcommand(new StatusCommand(tool))
                .addSubcommand(new WatchCommand(tool));
        add(line, "approve", new GateCommand(tool, "approve"), "Lets the step go on that waits for an approval.");
        add(line, "reject", new GateCommand(tool, "reject"), "Declines: the run undoes what it changed, and reports.");
        add(line, "retry", new DecisionCommand(tool, "retry"), "Tries the failed step once more.");
        add(line, "skip", new DecisionCommand(tool, "skip"), "Goes on without the failed step, where that is allowed.");
        add(line, "abort", new DecisionCommand(tool, "abort"), "Stops the run, undoes what it changed, reports.");
        line.addSubcommand(new ReportCommand(tool))
                .addSubcommand(new BackupsCommand(tool))
                .addSubcommand(new WindowCommand(tool))
                .addSubcommand(new SetupCommand(tool))
                .addSubcommand(new CleanupCommand(tool))
                .addSubcommand(new ExpireCommand(tool))
                .addSubcommand(new DoctorCommand(tool));
        ScheduleCommand.addTo(line, tool);
        line.addSubcommand("keys", KeysCommand.commandLine(tool));
        add(line, "pin", new PinCommand(tool, true), "Never lets retention delete this backup.");
        add(line, "unpin", new PinCommand(tool, false), "Lets retention delete this backup again when its time comes.");
        line.addSubcommand(new WarmUpCommand(tool, options))
                .addSubcommand(new CompletionCommand(tool, line.getCommandSpec()));
        line.addSubcommand(new VerifyEvidenceCommand(tool));
        registerWords(line);
        line.setUsageHelpAutoWidth(false);
        line.setOut(new PrintWriter(surroundings.terminal().out(), true));
        line.setErr(new PrintWriter(surroundings.terminal().err(), true));
        return line;
    }

    /** Says what a value should have been in this tool's own words. */
    static CommandLine registerWords(CommandLine line) {
        line.registerConverter(GlobalOptions.Format.class, text -> switch (text.toLowerCase(Locale.ROOT)) {
            case "text" -> GlobalOptions.Format.TEXT;
            case "json" -> GlobalOptions.Format.JSON;
            default -> throw new TypeConversionException("'" + text + "' is none; there are text and json");
        });
        line.registerConverter(Path.class, text -> {
            try {
                return Path.of(text);
            } catch (InvalidPathException e) {
                throw new TypeConversionException("no file can have this name");
            }
        });
        line.registerConverter(Integer.class, text -> {
            try {
                return Integer.valueOf(text);
            } catch (NumberFormatException e) {
                throw new TypeConversionException("'" + text + "' is not a whole number");
            }
        });
        return line;
    }

    private static void add(CommandLine line, String name, Object command, String description) {
        CommandLine added = new CommandLine(command);
        added.getCommandSpec().usageMessage().description(description);
        line.addSubcommand(name, added);
    }

    /** Without a command the whole tool is explained, which is a mistake only for scripts. */
    private static int execute(ParseResult result) {
        if (!result.hasSubcommand() && !CommandLine.printHelpIfRequested(result)) {
            result.commandSpec()
                    .commandLine()
                    .usage(result.commandSpec().commandLine().getErr());
            throw new CommandLine.ExecutionException(
                    result.commandSpec().commandLine(),
                    "no command",
                    CliFailure.usage("a command is missing", "'lifeboat list' is a good beginning"));
        }
        return new CommandLine.RunLast().execute(result);
    }

    private static int misread(Tool tool, GlobalOptions options, ParameterException failure, String[] arguments) {
        options.guessFormat(arguments);
        CliFailure told = usage(failure);
        tool.complain(told);
        return told.exit().number();
    }

    private static CliFailure usage(ParameterException failure) {
        String command = failure.getCommandLine().getCommandSpec().qualifiedName();
        String help = "'" + command + " --help' shows what is possible";
        if (failure instanceof UnmatchedArgumentException unmatched) {
            String unknown = unmatched.getUnmatched().get(0);
            String near = Nearest.to(unknown, known(failure.getCommandLine()))
                    .filter(word -> Nearest.isClose(unknown, word))
                    .map(word -> "did you mean '" + word + "'? ")
                    .orElse("");
            return CliFailure.usage(command + " does not know '" + unknown + "'", near + help);
        }
        if (failure instanceof MissingParameterException missing) {
            return CliFailure.usage(command + " needs " + missing(missing), help);
        }
        return CliFailure.usage(command + ": " + failure.getMessage(), help);
    }

    /** {@code RUN and STEP}, {@code a value for --reason}. */
    private static String missing(MissingParameterException failure) {
        return failure.getMissing().stream()
                .map(argument -> argument instanceof OptionSpec option
                        ? "a value for " + option.longestName()
                        : argument.paramLabel())
                .collect(Collectors.joining(" and "));
    }

    private static List<String> known(CommandLine command) {
        List<String> known = new ArrayList<>(command.getSubcommands().keySet());
        known.addAll(command.getCommandSpec().optionsMap().keySet());
        return known;
    }

    private int failed(Tool tool, Exception failure) {
        if (surroundings.environment().containsKey("LIFEBOAT_DEBUG")) {
            failure.printStackTrace(surroundings.terminal().err());
        }
        CliFailure told = tool.explain(failure.getCause() instanceof CliFailure own ? own : failure);
        tool.complain(told);
        return told.exit().number();
    }
}
