//! `natrium admins`: who may do what, and changing it.

use interfaces::admins::{Admin, Get, Invite, InviteReply, List, Remove, Role, Set};
use serde::Serialize;
use settings::Environment;

use crate::arguments::{AdminsCommand, Asking, Changing};
use crate::exit::Exit;
use crate::failure::{Failure, ended};
use crate::order::Order;
use crate::pair::{bot, link, to_send};
use crate::table::{Row, table};
use crate::text::{complain, json, line, print};
use crate::view::View;
use crate::writer::{PATIENCE, Writer};

pub(crate) fn run(command: Option<&AdminsCommand>, asking: &Asking, environment: &Environment) -> Exit {
    match command {
        None => ended(list(asking, environment), asking.json),
        Some(AdminsCommand::List { asking }) => ended(list(asking, environment), asking.json),
        Some(AdminsCommand::Set { user, role, name, kind, changing }) => {
            ended(set(*user, *role, name.as_deref(), kind.as_deref(), changing, environment), changing.asking.json)
        }
        Some(AdminsCommand::Invite { role, kind, changing }) => {
            ended(invite(*role, kind.as_deref(), changing, environment), changing.asking.json)
        }
        Some(AdminsCommand::Remove { user, kind, changing }) => {
            ended(remove(*user, kind.as_deref(), changing, environment), changing.asking.json)
        }
    }
}

fn list(asking: &Asking, environment: &Environment) -> Result<Exit, Failure> {
    let writer = Writer::reach(&asking.service, PATIENCE, environment)?;
    let reply = writer.read(writer.admins.list(&List {}))?;
    if asking.json {
        print(&json(&reply));
        return Ok(Exit::Success);
    }
    let view = View::now();
    if !reply.admins.is_empty() {
        let rows: Vec<_> = reply.admins.iter().map(|admin| row(admin, &view)).collect();
        print(&table(["USER", "NAME", "ROLE", "SINCE"], &rows, &view));
    }
    if !reply.admins.iter().any(Admin::is_owner) {
        print("there is no owner; natrium pair shows the code that makes one\n");
    }
    Ok(Exit::Success)
}

fn row(admin: &Admin, view: &View) -> Row<4> {
    let since = if admin.fixed { "by the settings".to_owned() } else { view.short(admin.since_ms) };
    Row { cells: [admin.user.to_string(), line(&admin.name), roles(admin), since], below: Vec::new() }
}

/// What somebody may do.
fn roles(admin: &Admin) -> String {
    let general = admin.role.map(|role| word(role).to_owned());
    let single = admin.kinds.iter().map(|one| format!("{} of {}", word(one.role), line(&one.kind)));
    general.into_iter().chain(single).collect::<Vec<_>>().join(", ")
}

fn word(role: Role) -> &'static str {
    match role {
        Role::Viewer => "viewer",
        Role::Admin => "admin",
        Role::Owner => "owner",
    }
}

/// The words that name a kind.
fn of_kind(kind: Option<&str>) -> Vec<&str> {
    kind.map(|kind| vec!["--kind", kind]).unwrap_or_default()
}

fn set(
    user: i64,
    role: Role,
    name: Option<&str>,
    kind: Option<&str>,
    changing: &Changing,
    environment: &Environment,
) -> Result<Exit, Failure> {
    let order = Order::begin(changing, environment)?;
    let admins = &order.writer.admins;
    let name = match name {
        Some(name) => name.to_owned(),
        // Telegram tells nobody's name before they write; until then the number is all that is known.
        None => match order.writer.read(admins.get(&Get { user }))?.admin {
            Some(known) => known.name,
            None => user.to_string(),
        },
    };
    let number = user.to_string();
    let again = [vec!["admins", "set", &number, word(role), "--name", &name], of_kind(kind)].concat();
    let again = order.again(&again);
    let call = Set {
        user,
        name: name.clone(),
        role,
        kind: kind.map(str::to_owned),
        by: order.author.clone(),
        request_id: order.request.clone(),
        settles: None,
    };
    let reply = order.writer.change(async || admins.set(&call).await).map_err(|no| no.failure(&again))?;
    let text = format!("{} ({user}) is {} now\n", line(&reply.admin.name), roles(&reply.admin));
    print(&if changing.asking.json { json(&reply) } else { text });
    Ok(Exit::Success)
}

/// What `invite --json` prints.
#[derive(Serialize)]
struct Invited<'a> {
    #[serde(flatten)]
    reply: &'a InviteReply,
    #[serde(skip_serializing_if = "Option::is_none")]
    link: Option<String>,
}

fn invite(role: Role, kind: Option<&str>, changing: &Changing, environment: &Environment) -> Result<Exit, Failure> {
    let order = Order::begin(changing, environment)?;
    let again = order.again(&[vec!["admins", "invite", word(role)], of_kind(kind)].concat());
    let (by, request_id) = (order.author.clone(), order.request.clone());
    let call = Invite { role, kind: kind.map(str::to_owned), by, request_id, settles: None };
    let reply = order.writer.change(async || order.writer.admins.invite(&call).await);
    let reply = reply.map_err(|no| no.failure(&again))?;
    let bot = bot(&changing.asking.service, environment);
    if changing.asking.json {
        let link = bot.map(|bot| link(&bot, &reply.code));
        print(&json(&Invited { reply: &reply, link }));
    } else {
        let until = View::now().short(reply.expires_ms);
        let code = line(&reply.code);
        print(&format!("{code}\nfor one person, until {until}\n{}", to_send(&code, bot.as_deref())));
    }
    Ok(Exit::Success)
}

fn remove(user: i64, kind: Option<&str>, changing: &Changing, environment: &Environment) -> Result<Exit, Failure> {
    let order = Order::begin(changing, environment)?;
    let number = user.to_string();
    let again = order.again(&[vec!["admins", "remove", &number], of_kind(kind)].concat());
    let (by, request_id) = (order.author.clone(), order.request.clone());
    let call = Remove { user, kind: kind.map(str::to_owned), by, request_id, settles: None };
    let reply = order.writer.change(async || order.writer.admins.remove(&call).await);
    let reply = reply.map_err(|no| no.failure(&again))?;
    if changing.asking.json {
        print(&json(&reply));
    }
    let which = kind.map(|kind| format!("no role for {}", line(kind))).unwrap_or_else(|| "no role".to_owned());
    match (&reply.removed, changing.asking.json) {
        (Some(before), false) => {
            print(&format!("{} ({user}) has {which} any more; before: {}\n", line(&before.name), roles(before)));
        }
        (None, false) => complain(&format!("{user} has {which}; nothing was changed")),
        (_, true) => {}
    }
    Ok(if reply.removed.is_some() { Exit::Success } else { Exit::Unchanged })
}
